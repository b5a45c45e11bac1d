"""From a folder on disk to what is said of it: a run, several, or a sweep."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from hhperf.errors import RunError
from hhperf.harness.sweep import offered_hz_of
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.run import Run, is_run, load_run
from hhperf.show.findings import Findings
from hhperf.show.subject import Subject
from hhperf.show.sweep_findings import LEAST_LOADS, SweepFindings

Load = Callable[[Path], Run]


def find_subjects(
    paths: Iterable[Path],
    *,
    threshold: float = 0.20,
    statistic: str | None = None,
    seed: int = 0,
    undamaged_only: bool = False,
) -> tuple[Subject, ...]:
    """Analyse what lies in each folder.

    A folder is a run, or has runs in it: paired ones are told one by one; three or more under
    different loads are a sweep. Of a sweep that did not go to its end the loads that were gone
    through are told.

    Args:
        paths: folders of runs, of `hhperf run`, or of sweeps.
        threshold: the saving that is claimed.
        statistic: which saving verdicts stand on; None for p95.
        seed: of the bootstrap.
        undamaged_only: whether to go on without what is damaged, which is an error else.

    Raises:
        RunError: a folder has no run in it, or its runs have no pair to compare.
        SampleError: there is no such statistic.
    """
    options = {"threshold": threshold, "statistic": statistic, "seed": seed}
    load = partial(load_run, undamaged_only=undamaged_only)
    return tuple(each for path in paths for each in _in_folder(path, load, options))


def _in_folder(path: Path, load: Load, options: dict[str, Any]) -> list[Subject]:
    if is_run(path):
        return [Findings.of(load(path), **options)]
    runs = [load(each) for each in sorted(path.glob("*")) if is_run(each)]
    return _of_runs(runs, options) if runs else _below(path, load, options)


def _below(path: Path, load: Load, options: dict[str, Any]) -> list[Subject]:
    """What lies in folders of runs, such as the sweeps of one factor."""
    folders = sorted({run.parent.parent for run in path.glob("*/*/run.json")})
    if not folders:
        raise RunError(
            f"{path}: is neither a run nor a folder of runs (no run.json in it or below);"
            " name a folder that hhperf has recorded"
        )
    return [each for folder in folders for each in _in_folder(folder, load, options)]


def _of_runs(runs: list[Run], options: dict[str, Any]) -> list[Subject]:
    loaded = [run for run in runs if isinstance(run.metadata.design, SwitchbackDesign)]
    whole = [run for run in loaded if run.status == "finished"] or loaded
    paired = [Findings.of(run, **options) for run in runs if run not in loaded]
    if len({offered_hz_of(run) for run in whole}) < LEAST_LOADS:
        return [*paired, *(Findings.of(run, **options) for run in whole)]
    return [*paired, SweepFindings.of(sorted(whole, key=offered_hz_of), **options)]
