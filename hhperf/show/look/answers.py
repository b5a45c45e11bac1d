"""From where the controls stand to what is shown: no browser, no kernel, plain data."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from hhperf.errors import FigureError
from hhperf.runs.arrays import Flags, Integers
from hhperf.runs.observation import Arm
from hhperf.show.findings import Findings
from hhperf.show.look.curves import ecdf, shift_curve
from hhperf.show.look.judged import judged
from hhperf.show.look.levers import levers, predicted
from hhperf.show.look.looked_at import LookedAt
from hhperf.show.look.part import Part
from hhperf.show.look.picked import picked_by, picked_out, slowest, timeline
from hhperf.show.look.strip import strip
from hhperf.show.look.wish import Wish
from hhperf.show.plots.language import COLOURS
from hhperf.show.plots.style import arm_labels

Shown = dict[str, Any]
Made = TypeVar("Made")
MOST_NAMES = 500


@dataclass(eq=False)
class Answers:
    """What is shown of runs, panel by panel; one that nothing has changed is not made again.

    Attributes:
        names: of the runs.
        runs: each with what was worked out for it.
    """

    names: tuple[str, ...]
    runs: tuple[LookedAt, ...]
    _made: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: tuple[str, ...], findings: tuple[Findings, ...]) -> "Answers":
        """Of runs with all that is said of them."""
        return cls(names, tuple(map(LookedAt, findings)))

    def is_quick(self, wish: Wish) -> bool:
        """Whether nothing has to be compared for an answer."""
        return not 0 <= wish.run < len(self.runs) or self.runs[wish.run].has_part(wish)

    def to(
        self, wish: Wish, *, with_prediction: bool = True, with_intervals: bool = True
    ) -> dict[str, Shown]:
        """Every panel by its name.

        Args:
            wish: where the controls stand.
            with_prediction: whether the what-if part is looked at; it is not worked out else.
            with_intervals: whether to compare what is looked at, or only to draw it.

        Raises:
            FigureError: there is no such run.
        """
        if not 0 <= wish.run < len(self.runs):
            raise FigureError(f"run: there is none of number {wish.run} of {len(self.runs)}")
        seen = self.runs[wish.run]
        part = seen.part(wish) if with_intervals else seen.bare(wish)
        made = {
            "controls": self._kept("controls", wish.run, lambda: self._controls(seen)),
            "judged": _judged(seen, part, wish),
            **self._of_pairs(seen, part, wish),
        }
        rows = made["requests"]["rows"]
        pair = rows[0]["pair"] if wish.pair is None and rows else wish.pair
        made["timeline"] = self._kept("timeline", (wish.run, pair), lambda: _timeline(seen, pair))
        if with_prediction:
            key = wish.run, repr(wish.what)
            made["predicted"] = self._kept(
                "predicted", key, lambda: predicted(seen.basis, wish.what)
            )
            made["levers"] = self._kept("levers", wish.run, lambda: levers(seen.basis))
        return made

    def nearest(self, wish: Wish, latency_ms: float) -> Wish:
        """The same wish, with the request whose control came nearest to a latency."""
        part = self.runs[wish.run].part(wish)
        if not len(part):
            return wish
        row = int(np.abs(1e3 * part.pairs.control - latency_ms).argmin())
        return replace(wish, pair=int(part.pairs.pair[row]))

    def _of_pairs(self, seen: LookedAt, part: Part, wish: Wish) -> dict[str, Shown]:
        """What is drawn and listed of pairs; of a brush's move only what it picks out is new."""
        key = wish.run, wish.tenant, wish.session, wish.against
        brushed, compared = (key, wish.brush), (key, part.shift is None)
        which = self._kept("which", brushed, lambda: picked_by(part, wish.brush))
        return {
            "curves": self._kept("curves", compared, lambda: _curves(part)),
            "strip": self._kept("strip", key, lambda: strip(part, seen.stalls)),
            "picked": self._kept("picked", brushed, lambda: picked_out(part, wish.brush, which)),
            "requests": self._kept("requests", brushed, lambda: _requests(seen, part, which)),
        }

    def _kept(self, name: str, key: Hashable, make: Callable[[], Made]) -> Made:
        if name not in self._made or self._made[name][0] != key:
            self._made[name] = key, make()
        found: Made = self._made[name][1]
        return found

    def _controls(self, seen: LookedAt) -> Shown:
        findings = seen.findings
        labels = arm_labels(findings.run.metadata.design.arms)
        return {
            "title": findings.title,
            "latency": findings.run.statistic.value.replace("_", " "),
            "runs": list(self.names),
            "labels": {arm.value: labels[arm] for arm in labels},
            "colours": {arm.value: COLOURS[arm] for arm in COLOURS},
            "statistics": [each.statistic for each in findings.comparison.results],
            "tenants": _names(seen.senders["tenant"]),
            "sessions": _names(seen.senders["session"]),
            "has_stalls_told": seen.stalls is not None,
        }


def _judged(seen: LookedAt, part: Part, wish: Wish) -> Shown:
    is_part = bool(wish.tenant or wish.session)
    parts = len(seen.parts_seen) if is_part else 0
    found = judged(part.comparison, wish.statistic, wish.threshold, note=part.note, parts=parts)
    if wish.against is Arm.CONTROL_AGAIN and found["verdict"]:
        # The claim is about the treatment: noise that "exceeds" it would be a verdict on nothing.
        found["sentence"] = found["sentence"].partition(": ")[2]
        found["verdict"] = ""
    return found


def _curves(part: Part) -> Shown:
    """Of all that is looked at, whatever a brush picks out of it."""
    return {
        "n": len(part),
        "control": ecdf(part.control_s),
        "other": ecdf(part.other_s),
        "shift": shift_curve(part),
    }


def _requests(seen: LookedAt, part: Part, picked: Flags) -> Shown:
    def tenants(pairs: Integers) -> np.ndarray:
        return seen.senders["tenant"][np.searchsorted(seen.pairs.pair, pairs)]

    return slowest(part, picked, tenants)


def _timeline(seen: LookedAt, pair: int | None) -> Shown:
    if pair is None:
        return {"pair": None, "arms": [], "note": "No request is picked out."}
    return timeline(seen.findings.run, pair)


def _names(senders: np.ndarray) -> list[str]:
    """The most frequent first, at most 500 of them."""
    names, counts = np.unique(senders[senders != ""], return_counts=True)
    return [str(each) for each in names[np.argsort(-counts, kind="stable")][:MOST_NAMES]]
