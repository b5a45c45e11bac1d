"""Whether the cache answered, and results were cached as the run declares; what to do where not.

A deployment that caches its answers and heeds no `Cache-Control` answers whoever asks twice from
its cache: each pair asks the control twice, so half of the control's answers are no searches.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from hhperf.analysis.decision import Gate, GateState
from hhperf.harness.replay_plan import CacheState
from hhperf.runs.arrays import Flags, Integers
from hhperf.runs.metadata import PairedDesign, RunMetadata
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pairs import is_value
from hhperf.runs.run import Run
from hhperf.shown import percent
from hhperf.verdict.likeness_gates import HIT_RATIOS_WITHIN

ANSWERING, CACHED, VARIED = "cache answers", "cached answers", "varied answers"
"""The names of the gates."""

MOST = 0.01
"""Of answers that may be no searches, or may differ: hardly any quantile is another for it."""


def cached_answers_gate(
    metadata: RunMetadata, hits: Mapping[Arm, Integers], again_first: Flags
) -> Gate | None:
    """In natural use the control's answers, else no arm's, may be those of its other measurement.

    Args:
        metadata: of the run.
        hits: 1 where the result cache answered, 0 where not, -1 where it is not told, by arm; each
            of shape (n,).
        again_first: where the control's second measurement came before its first, shape (n,).

    Returns:
        None where nothing is told, and for a run without hits that declares none and took no
        measures against them.
    """
    shares = {arm: share(each) for arm, each in hits.items()}
    return cached_answers_of(metadata, shares, _by_time(hits, again_first))


def cached_answers_of(
    metadata: RunMetadata, shares: Mapping[Arm, float], by_time: tuple[float, float]
) -> Gate | None:
    """The same from shares of hits.

    Args:
        metadata: of the run.
        shares: of each arm's answers that tell; NaN where none does.
        by_time: among the control's first answers in time, and among its second ones.
    """
    if not np.isfinite(list(shares.values())).any():
        return None
    first, second = by_time
    is_met = second - first > HIT_RATIOS_WITHIN
    told = f"control first {percent(first)}, second {percent(second)}"
    if metadata.design.cache_state == CacheState.NATURAL:
        limit = f"within {100 * HIT_RATIOS_WITHIN:g} points"
        holds, figure = not is_met, told
    else:
        most, limit = np.nanmax(list(shares.values())), f"at most {MOST:.0%} of answers"
        if most == 0 and not _measures(metadata):
            return None
        holds = bool(most <= MOST)
        figure = told if is_met else f"{percent(most)} of an arm's answers"
    what = _met(first, second) if is_met else "what the result cache answered is no search"
    return Gate(CACHED, GateState.of(holds), figure, limit, f"{what}: {_remedy(metadata)}")


def failures_of(run: Run) -> dict[Arm, Integers]:
    """How often each request could not ask or tell the cache, -1 where not known; by arm."""
    return cache_failures(run.table(["arm", "outcome", "cache_failures"]))


def cache_failures(table: pa.Table) -> dict[Arm, Integers]:
    """The same of some observations."""
    counts = ~is_value(table, "outcome", Outcome.CANCELLED)
    failures = table["cache_failures"].fill_null(-1).to_numpy()
    return {arm: failures[is_value(table, "arm", arm) & counts] for arm in Arm}


def cache_answers_gate(failures: Mapping[Arm, Integers]) -> Gate | None:
    """The cache must have answered: a search without it goes on, and succeeds, and is another one.

    Args:
        failures: how often each request could not ask or tell it, -1 where that is not known, by
            arm; each of shape (n,).

    Returns:
        None where nothing is known.
    """
    return cache_answers_of({arm: share(np.minimum(each, 1)) for arm, each in failures.items()})


def cache_answers_of(shares: Mapping[Arm, float]) -> Gate | None:
    """The same from the share of each arm's requests that met a failure; NaN where not known."""
    known = {arm: each for arm, each in shares.items() if np.isfinite(each)}
    if not known:
        return None
    figure = ", ".join(f"{arm.replace('_', ' ')} {percent(each)}" for arm, each in known.items())
    return Gate(
        ANSWERING,
        GateState.of(max(known.values()) <= MOST),
        f"requests that went on without it: {figure}",
        f"at most {MOST:.0%} of an arm's",
        "Redis or Valkey did not answer these, which were measured as if it held nothing, and"
        " waited for it besides: see that it runs and has room, and record the run again",
    )


def varied_answers_gate(differing: Flags, field: str) -> Gate:
    """What is varied for the cache's sake must not change the answer.

    Args:
        differing: where the control's second answer differs from its first, shape (n,).
        field: that was varied.
    """
    return varied_answers_of(float(np.mean(differing)), field)


def varied_answers_of(found: float, field: str) -> Gate:
    """The same from the share of the control's answers that differ from its own."""
    return Gate(
        VARIED,
        GateState.of(found <= MOST),
        f"{percent(found)} of the control's answers differ from its own",
        f"at most {MOST:.0%}",
        f"{field} changes the answer, or the control never answers twice alike: vary another field",
    )


def what_caches_ask_for(gates: Iterable[Gate]) -> tuple[str, ...]:
    """What is missing where a gate of this module failed: the cause of what other gates found."""
    mine = (ANSWERING, CACHED, VARIED)
    return tuple(g.detail for g in gates if g.name in mine and g.state is GateState.FAILED)


def share(hits: Integers) -> float:
    """Hits as a share of the answers that tell; NaN where none does."""
    told = hits[hits >= 0]
    return float(told.mean()) if len(told) else float("nan")


def _by_time(hits: Mapping[Arm, Integers], again_first: Flags) -> tuple[float, float]:
    """The share of hits among the control's first answers in time, and among its second ones."""
    one, other = hits[Arm.CONTROL], hits[Arm.CONTROL_AGAIN]
    return (
        share(np.where(again_first, other, one)),
        share(np.where(again_first, one, other)),
    )


def _met(first: float, second: float) -> str:
    return (
        f"asked again, the control answered from its cache in {percent(second)} of pairs, and in"
        f" {percent(first)} when asked first"
    )


def _measures(metadata: RunMetadata) -> bool:
    """Whether the run did something against hits."""
    return bool(metadata.conditions.vary or _purged(metadata))


def _purged(metadata: RunMetadata) -> str | None:
    design = metadata.design
    return design.before_each if isinstance(design, PairedDesign) else None


def _remedy(metadata: RunMetadata) -> str:
    """What is to be done, given what was done already."""
    design, field, purged = metadata.design, metadata.conditions.vary, _purged(metadata)
    is_paired, is_natural = isinstance(design, PairedDesign), design.cache_state == "natural"
    purge = ", or --before-each COMMAND" if is_paired and not is_natural else ""
    if not all(name.startswith(("http://", "https://")) for name in design.arms.values()):
        return "give each measurement of the control a cache of its own"
    if purged:
        return f"{purged} ran before each request and leaves this cache as it is"
    if field:
        return f"{field} was varied and is no part of its key; vary another field{purge}"
    if is_natural:
        return (
            "give each measurement its own part of the cache by --vary jdHash, or its own"
            " deployment by --target control_again=URL"
        )
    return f"this deployment caches and does not heed Cache-Control; use --vary jdHash{purge}"
