"""From a folder on disk to what is said of it: a run, several, or a sweep."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hhperf.errors import RunError
from hhperf.harness.sweep import offered_hz_of
from hhperf.report.findings import Findings
from hhperf.report.sweeps import LEAST_LOADS, SweepFindings
from hhperf.runs import Run, SwitchbackDesign, load_run
from hhperf.runs.metadata import FILE_NAME

Subject = Findings | SweepFindings
"""What a report is about."""


def find_subjects(
    paths: Iterable[Path],
    *,
    threshold: float = 0.20,
    statistic: str | None = None,
    seed: int = 0,
) -> tuple[Subject, ...]:
    """Analyse what lies in each folder.

    A folder is a run, or has runs in it: paired ones are told one by one; three or more under
    different loads are a sweep.

    Args:
        paths: folders of runs, of `hhperf run`, or of sweeps.
        threshold: the saving that is claimed.
        statistic: which saving verdicts stand on; None for p95.
        seed: of the bootstrap.

    Raises:
        RunError: a folder has no run in it, or its runs have no pair to compare.
        SampleError: there is no such statistic.
    """
    options = {"threshold": threshold, "statistic": statistic, "seed": seed}
    return tuple(each for path in paths for each in _in_folder(path, options))


def threshold_of(subject: Subject) -> float:
    """The saving that is claimed."""
    return subject.threshold if isinstance(subject, SweepFindings) else subject.comparison.threshold


def _in_folder(path: Path, options: dict[str, Any]) -> list[Subject]:
    if (path / FILE_NAME).exists():
        return [Findings.of(load_run(path), **options)]
    runs = [load_run(each.parent) for each in sorted(path.glob(f"*/{FILE_NAME}"))]
    if not runs:
        raise RunError(
            f"{path}: is neither a run nor a folder of runs (no {FILE_NAME} in it or one below);"
            " name a folder that hhperf has recorded"
        )
    loaded = [run for run in runs if isinstance(run.metadata.design, SwitchbackDesign)]
    if len({offered_hz_of(run) for run in loaded}) < LEAST_LOADS:
        return [Findings.of(run, **options) for run in runs]
    paired = [run for run in runs if run not in loaded]
    return [
        *(Findings.of(run, **options) for run in paired),
        SweepFindings.of(_by_load(loaded), **options),
    ]


def _by_load(runs: list[Run]) -> list[Run]:
    return sorted(runs, key=offered_hz_of)
