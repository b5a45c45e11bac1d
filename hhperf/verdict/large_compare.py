"""Compares a run that is too large for memory, in passes over its parts."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.savings_in_passes import Asked, compare_in_passes
from hhperf.errors import SampleError
from hhperf.harness.replay_plan import CacheState
from hhperf.runs.metadata import PairedDesign
from hhperf.runs.pairs import Statistic, in_words
from hhperf.runs.run import Run
from hhperf.runs.tables import finished_rows
from hhperf.runs.told_times import excess_sentences
from hhperf.shown import counted
from hhperf.verdict.caching_gates import what_caches_ask_for
from hhperf.verdict.large_gates import large_gates
from hhperf.verdict.large_run import open_large
from hhperf.verdict.orders_in_passes import period_in_passes
from hhperf.verdict.part_store import DaskParts, LocalParts, Parts
from hhperf.verdict.stopping import CONFIDENCE, LABEL, looks_at, was_stopped_by_hand

if TYPE_CHECKING:
    from distributed import Client

BYTES_AN_OBSERVATION = 250
"""What comparing in memory takes at the most, measured at ten million."""

SHARE_OF_MEMORY = 0.5
"""Of what is free, what a comparison may take before it goes through parts."""


def is_large(run: Run) -> bool:
    """Whether a run would take more than half of the free memory, and can be gone through in parts.

    A run under load cannot: its arms take turns, so that its pairs lie far apart.
    """
    rows = finished_rows(run.path, "observations")
    if rows is None or not _goes_in_parts(run):
        return False
    return rows * BYTES_AN_OBSERVATION > SHARE_OF_MEMORY * psutil.virtual_memory().available


def compare_large(
    run: Run,
    *,
    threshold: float,
    quantiles: Sequence[float],
    statistic: Statistic,
    clusters: str,
    seed: int,
    client: "Client | None" = None,
) -> Comparison:
    """As `compare.compare`; nothing is held in memory but a part of the run at a time.

    Args:
        run: paired and finished.
        threshold: the saving that is claimed.
        quantiles: to compare at, in 0..1.
        statistic: which latency to take.
        clusters: what is resampled as a whole.
        seed: of the bootstrap.
        client: of a Dask cluster whose workers read the run at the same path; None to take files
            of this machine, in its folder for temporary ones.

    Raises:
        RunError: the run is damaged, has no pair to compare, or a worker cannot read it.
        SampleError: the run was not recorded in pairs.
    """
    if not _goes_in_parts(run):
        raise SampleError("only paired runs that went to their plan's end are compared in parts")
    with _parts(client) as parts:
        seen = open_large(run, parts, statistic, clusters)
        looks = looks_at(run, sum(seen.counts[each] for each in ("pairs", "voided", "incomplete")))
        design = run.metadata.design
        asked = Asked(
            quantiles,
            threshold,
            CONFIDENCE if looks is None else looks.confidence,
            design.timeout_s,
            seed=seed,
        )
        level = None if seen.sizes is None and clusters == "pairs" else seen.choice.name
        found = compare_in_passes(seen.pairs, asked, cluster_level=level)
        gates = large_gates(seen, asked, found)
        period = period_in_passes(parts, seen.pairs.clusters)
    left = in_words(seen.counts["voided"], seen.counts["incomplete"])
    warnings = (
        *run.notes,
        *seen.choice.warnings,
        *seen.warnings,
        *found.warnings,
        *left,
        *run.left_out,
        *excess_sentences(seen.excess),
        *run.metadata.disturbances,
        *_not_told(run, len(seen.excess)),
        *what_caches_ask_for(gates),
    )
    if looks is not None:
        found, warnings = replace(found, confidence=CONFIDENCE), (*warnings, str(looks))
    return replace(found, warnings=warnings, period=period).with_gates(gates)


def _goes_in_parts(run: Run) -> bool:
    is_paired = isinstance(run.metadata.design, PairedDesign)
    in_sequence = LABEL in run.metadata.conditions.labels or was_stopped_by_hand(run)
    return is_paired and not in_sequence


@contextmanager
def _parts(client: "Client | None") -> Iterator[Parts]:
    if client is not None:
        yield DaskParts(client)
        return
    with tempfile.TemporaryDirectory(prefix="hhperf-") as folder:
        yield LocalParts(Path(folder))


def _not_told(run: Run, parts: int) -> Iterator[str]:
    """What a run of this size is not looked at for, or not exactly."""
    yield (
        f"compared in {counted(parts, 'part')}: quantiles and their intervals are exact, means are"
        " but for rounding; stalls of the machine are counted and not taken out"
    )
    if run.metadata.design.cache_state == CacheState.NATURAL:
        yield "savings by what the result cache did are not told of a run of this size"
