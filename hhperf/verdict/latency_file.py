"""Latencies that any other tool has measured, from a CSV file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.samples import beyond
from hhperf.analysis.savings import compare_runs, compare_samples
from hhperf.errors import LatencyFileError
from hhperf.shown import counted

ARMS = ("control", "treatment")
LABELS = ("cluster", "run")


@dataclass(frozen=True, slots=True, eq=False)
class Latencies:
    """Pairs of latencies of the same requests, in any one unit; all arrays have shape (n,).

    Attributes:
        control: of the control arm; +inf for a failed request.
        treatment: of the treatment arm.
        clusters: a label per pair of what is resampled as a whole; None for single pairs.
        runs: a label per pair of the run it was measured in; None for one run.
        source: the file.
    """

    control: NDArray[np.float64]
    treatment: NDArray[np.float64]
    clusters: NDArray[np.str_] | None
    runs: NDArray[np.str_] | None
    source: str

    def __repr__(self) -> str:
        clusters = 0 if self.clusters is None else len(np.unique(self.clusters))
        also = f" in {counted(clusters, 'cluster')}" if clusters else ""
        return f"Latencies({self.source!r}, {counted(len(self.control), 'pair')}{also})"

    def compare(self, **options: Any) -> Comparison:
        """Savings with verdicts; over several runs the run is the unit.

        Args:
            options: as `compare_samples` takes them: threshold, quantiles, primary, seed, …

        Raises:
            SampleError: latencies or options that nothing can be computed from.
        """
        if self.runs is not None and len(np.unique(self.runs)) > 1:
            return compare_runs(self.control, self.treatment, self.runs, self.clusters, **options)
        level = None if self.clusters is None else "cluster"
        return compare_samples(
            self.control, self.treatment, self.clusters, cluster_level=level, **options
        )


def load_latencies(path: Path | str) -> Latencies:
    """Read a CSV file with the columns `control` and `treatment`, one request a line.

    Optional columns: `cluster` and `run`. A failed request is `inf`. The file may be gzipped; other
    columns are ignored.

    Raises:
        LatencyFileError: the file cannot be read; the message names line and field.
    """
    frame = _read(Path(path))
    for name in ARMS:
        if name not in frame:
            raise LatencyFileError(
                f"has no column '{name}', only {', '.join(map(repr, frame.columns))}: the first"
                " line must name the columns control and treatment",
                path=str(path),
                line=1,
            )
    if not len(frame):
        raise LatencyFileError("has no line of latencies", path=str(path))
    labels = {name: frame[name].to_numpy(dtype=str) for name in LABELS if name in frame}
    control, treatment = (_numbers(frame, name, str(path)) for name in ARMS)
    return Latencies(control, treatment, labels.get("cluster"), labels.get("run"), str(path))


def _read(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
    except FileNotFoundError:
        raise LatencyFileError("there is no such file", path=str(path)) from None
    except (OSError, ValueError) as error:
        raise LatencyFileError(f"is not a CSV file: {error}", path=str(path)) from error
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    return frame


def _numbers(frame: pd.DataFrame, name: str, path: str) -> NDArray[np.float64]:
    words = frame[name].fillna("").str.strip()
    numbers = np.array(pd.to_numeric(words, errors="coerce"), dtype=np.float64)
    known = ~np.isnan(numbers)  # read again, since pandas before 3.1 loses the last digit
    numbers[known] = words[known].to_numpy(dtype=object).astype(np.float64)
    overflown = np.isinf(numbers) & ~words.str.lower().str.contains("inf").to_numpy()
    bad = np.flatnonzero(~(numbers > 0) | overflown | beyond(numbers))
    if len(bad):
        row = int(bad[0])
        raise LatencyFileError(
            f"{words.iloc[row]!r} is no latency: a number above 0, up to 1e100,"
            " or inf for a failed request",
            path=path,
            line=row + 2,  # counted from 1, after the line of names
            field=name,
        )
    return numbers
