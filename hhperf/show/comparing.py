"""One word for every comparison: of a run, a path, a sweep, a file, a table, arrays, or several."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.savings import compare_samples
from hhperf.errors import RunError, SampleError, unknown
from hhperf.runs.run import Run, is_run, load_run
from hhperf.show.comparisons import Comparisons
from hhperf.show.recorded_sweep import RecordedSweep, load_sweep
from hhperf.verdict import compare as comparing
from hhperf.verdict.latency_file import ARMS, LABELS, Latencies, load_latencies
from hhperf.verdict.restarts import compare_restarts, restarts_in
from hhperf.verdict.sweeps import Sweep, examine_sweep

MOST_NAMED = 20
WANTED = (
    "compare takes a run, a sweep, the path of either or of a CSV file, a table with the columns"
    " control and treatment, two arrays of latencies, or a mapping of names to any of these"
)


@overload
def compare(what: RecordedSweep, treatment: None = None, **options: Any) -> Sweep: ...
@overload
def compare(what: Mapping[str, Any], treatment: None = None, **options: Any) -> Comparisons: ...
@overload
def compare(
    what: Run | Latencies | Path | str | pd.DataFrame, treatment: None = None, **options: Any
) -> Comparison: ...
@overload
def compare(what: ArrayLike, treatment: ArrayLike, **options: Any) -> Comparison: ...
def compare(
    what: Any, treatment: ArrayLike | None = None, **options: Any
) -> Comparison | Comparisons | Sweep:
    """Say whether the treatment saves more than the threshold, and whether that can be said at all.

    Args:
        what: a run, or a run's folder, or that of its restarts (`--runs`), which are compared over
            runs; a sweep (`load_sweep`), or a sweep's folder, for savings
            against load; a CSV file, or a table, with the columns `control` and `treatment` and
            perhaps `cluster` and `run`; the control's latencies, with the treatment's beside them;
            or several of these by name, which are put side by side at p95.
        treatment: the treatment's latencies of the same requests, where `what` are the control's.
        options: `threshold` (the saving claimed, 0.20), `quantiles` and `seed`; of runs also
            `statistic` (`service_time` or `response_time`), `clusters` (`tenant`, `session`,
            `text`, `pairs` or `auto`) and `client` (of a Dask cluster, for runs larger than
            memory); of arrays, those of `compare_samples`; of several, `at`.

    Raises:
        RunError: the path leads nowhere, or a run has no pair to compare.
        LatencyFileError: a file cannot be read.
        SampleError: it is nothing that can be compared, or an option that nothing can be computed
            from.
    """
    if treatment is not None:
        return compare_samples(
            _numbers(what, "control"), _numbers(treatment, "treatment"), **options
        )
    if isinstance(what, Path | str) and (restarts := restarts_in(what)):
        return compare_restarts(restarts, **options).comparison
    opened = _opened(Path(what)) if isinstance(what, Path | str) else what
    match _of_table(opened) if isinstance(opened, pd.DataFrame) else opened:
        case Run() | Latencies() as one:
            return comparing.compare(one, **options)
        case RecordedSweep() as sweep:
            return examine_sweep(sweep, **options)
        case Mapping() as several:
            return _of_several(several, **options)
        case list() | tuple() as runs if runs and all(isinstance(each, Run) for each in runs):
            return examine_sweep(runs, **options)
        case np.ndarray() | pd.Series() | list() | tuple():
            raise SampleError("one array has nothing to compare with: compare(control, treatment)")
    raise SampleError(f"{WANTED}, not {type(what).__name__}")


def _of_several(what: Mapping[Any, Any], *, at: str | None = None, **options: Any) -> Comparisons:
    found: dict[str, Comparison] = {}
    for name, each in what.items():
        opened = _opened(Path(each)) if isinstance(each, Path | str) else each
        if isinstance(opened, RecordedSweep | Mapping | list | tuple):
            raise SampleError(f"{name}: has a saving for each of its runs; name one of them")
        found[str(name)] = compare(opened, **options)
    first = next(iter(found.values()), None)
    return Comparisons(found, at or (first.primary if first else "p95"))


def _opened(path: Path) -> Run | RecordedSweep | Latencies | Mapping[str, Run]:
    if path.is_file():
        return load_latencies(path)
    if not path.is_dir():
        beside = path.parent if path.parent.is_dir() else Path()
        known = sorted(each.name for each in beside.iterdir())[:MOST_NAMED]
        raise RunError(f"{path}: there is no such file or folder: {unknown(path.name, known)}")
    if is_run(path):
        return load_run(path)
    runs = {each.name: load_run(each) for each in sorted(path.iterdir()) if is_run(each)}
    if not runs:
        raise RunError(f"{path}: is no run and has none in it (no run.json); {WANTED}")
    paired = {name: run for name, run in runs.items() if run.metadata.design.kind == "paired"}
    return paired or load_sweep(path)


def _of_table(table: pd.DataFrame) -> Latencies:
    for name in ARMS:
        if name not in table:
            raise SampleError(f"the table has no column '{name}': {unknown(name, table.columns)}")
    control, treatment = (_numbers(table[name], name) for name in ARMS)
    labels = {name: table[name].to_numpy(dtype=str) for name in LABELS if name in table}
    return Latencies(control, treatment, labels.get("cluster"), labels.get("run"), "the table")


def _numbers(latencies: ArrayLike, name: str) -> np.ndarray:
    try:
        found = np.asarray(latencies, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SampleError(f"the {name}'s latencies are no numbers: {error}. {WANTED}") from error
    if found.ndim != 1:
        raise SampleError(f"the {name}'s latencies have shape {found.shape}, must be (n,)")
    return found
