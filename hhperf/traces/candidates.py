"""Single changes of an operation, ranked by what each would save."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.estimate import Estimate, plain_interval
from hhperf.traces.calls import Bools, Calls
from hhperf.traces.declared import Declared
from hhperf.traces.max_plus import Change, changed_totals
from hhperf.traces.own_error import SCHEDULE_SD, UNTRIED_SD, with_own_error
from hhperf.traces.structure import typical_order
from hhperf.traces.weighing import Weighing

SHOWN = 8
RANKED_AT, RANKED_BY = 0.95, "p95"
_WEIGHTY = 12
"""Changes are tried among so many steps at most: those that take longest in all."""
_TRIED_ON = 2_000
"""Changes are ranked on so many calls at most; the best are worked out on all."""
_WORTH = 0.005


@dataclass(frozen=True, slots=True)
class Candidate:
    """One change, and what it would save by itself.

    Attributes:
        what: it is, in words.
        needs: the pairs that would have to be independent and are not declared to be.
        savings: at the mean and at p95.
    """

    what: str
    needs: tuple[tuple[str, str], ...]
    savings: Mapping[str, Estimate]

    @property
    def condition(self) -> str:
        """What it takes that nobody has declared; empty where all is."""
        return "; ".join(f"{one} must not need {other}" for other, one in self.needs)

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return {
            "what": self.what,
            "needs": [list(pair) for pair in self.needs],
            "savings": {name: plain_interval(each) for name, each in self.savings.items()},
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    what: str
    step: int
    needs: tuple[tuple[str, str], ...]
    change: Change


def rank_candidates(calls: Calls, declared: Declared, weighing: Weighing) -> tuple[Candidate, ...]:
    """The single changes that would save most at p95: earlier starts, and steps that take no time.

    Of one step's earlier starts the best is given. A change that a declared dependence forbids is
    none.
    """
    some = _some(calls)
    base = np.quantile(some.total[np.isfinite(some.total)], RANKED_AT) if len(some) else np.nan
    best: dict[tuple[int, bool], tuple[float, _Tried]] = {}
    for tried in _changes(calls, declared):
        then = changed_totals(some, tried.change)
        saved = 1 - float(np.quantile(then[np.isfinite(then)], RANKED_AT)) / base
        key = tried.step, tried.what.startswith("caching")
        if saved > _WORTH and (key not in best or saved > best[key][0] + _WORTH):
            best[key] = saved, tried
    ranked = sorted(best.values(), key=lambda each: -each[0])[:SHOWN]
    return tuple(
        Candidate(tried.what, tried.needs, _savings(calls, tried, weighing)) for _, tried in ranked
    )


def _savings(calls: Calls, tried: _Tried, weighing: Weighing) -> Mapping[str, Estimate]:
    then = np.minimum(changed_totals(calls, tried.change), calls.total)
    found = weighing.savings(calls.total, then, (RANKED_AT,))
    sd = SCHEDULE_SD if (tried.change.factor == 1).all() else UNTRIED_SD
    return {name: with_own_error(each, sd) for name, each in found.items()}


def _some(calls: Calls) -> Calls:
    if len(calls) <= _TRIED_ON:
        return calls
    rows = np.linspace(0, len(calls) - 1, _TRIED_ON).astype(np.int64)
    return calls.of(rows)


def _changes(calls: Calls, declared: Declared) -> Iterator[_Tried]:
    names = calls.names
    took = [
        float((calls.end - calls.start)[calls.step == step].sum()) for step in range(len(names))
    ]
    weighty = set(sorted(range(len(names)), key=lambda step: -took[step])[:_WEIGHTY])
    order = [step for step in typical_order(calls) if step in weighty]
    free, forbidden = declared.matrix(names), declared.forbidden(names)
    unchanged = np.ones(len(names))
    for place, late in enumerate(order):
        # From near to far, so that of equal savings the one that needs least is kept.
        for first in range(place - 1, -1, -1):
            passed = order[first:place]
            if forbidden[late, passed].any():
                break
            needs = tuple((names[one], names[late]) for one in passed if not free[one, late])
            what = f"starting {names[late]} together with {names[passed[0]]}"
            yield _Tried(what, late, needs, Change(_pairs(late, passed, len(names)), unchanged))
        factor = unchanged.copy()
        factor[late] = 0.0
        nothing = np.zeros((len(names), len(names)), dtype=np.bool_)
        yield _Tried(f"caching {names[late]}", late, (), Change(nothing, factor))


def _pairs(late: int, passed: list[int], steps: int) -> Bools:
    found = np.zeros((steps, steps), dtype=np.bool_)
    found[late, passed] = found[passed, late] = True
    return found
