"""From sequential requests' traces alone to what the parallel arm then saved.

Run `python -m tests.benchmarks.traces.round_trip [RUN...]`: the shipped runs of the plan's
schedule, or runs named, such as what `hhperf replay RUN --profile cloud --pairs 1010` records. The
control of each is exported as OTLP and imported as a stranger's traces, the plan's two
independences are declared, and the prediction stands beside what the run measured and beside
`what_if`'s, which knows the arms. The root mean square at the end is the constant in
`hhperf/traces/own_error.py`. Then the same of the shipped sweep, whose traces come at its rates and
queue for the pool that is named, over what was measured to 20 points.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hhperf.forecast.what_if import what_if
from hhperf.runs.observation import Arm
from hhperf.runs.run import load_run
from hhperf.show.card import Table
from hhperf.show.forecast_cards import interval
from hhperf.traces.possible import predict_savings
from hhperf.traces.run_export import export_run
from hhperf.traces.trace_import import import_traces
from hhperf.verdict.compare import compare
from hhperf.workload.shipped import data_dir
from tests.benchmarks.harness.tools import say

SHIPPED = ("plan-rerank-off", "plan-rerank-on", "claim/plan", "claim/plan-rerank", "claim/cloud")
PLAN = ("embedding,specialty", "vector,text")
AT = ("p50", "p95")
CLOSE = 0.02
STAGES = "specialty,vector,text,hydration"
MOST_WIDTH = 0.20
"""Of a measured interval that tells anything of a model's error."""
COLUMNS = ("run", "pairs", "at", "from traces", "by what_if", "measured", "off, points", "within 2")


def main() -> None:
    """A line for each run and statistic, and how far predictions are off."""
    paths = [Path(each) for each in sys.argv[1:]]
    _tell("Round trip", paths or [data_dir() / "runs" / name for name in SHIPPED])
    if not paths:
        sweep = sorted((data_dir() / "runs" / "sweep-plan").glob("pool-*/0*"))
        _tell("Round trip under load", sweep)


def _tell(title: str, paths: list[Path]) -> None:
    found = [each for path in paths for each in _rows(path)]
    say(str(Table(title, COLUMNS, tuple(row for row, _, _ in found))))
    off = np.array([each for _, each, is_known in found if is_known])
    close = int((np.abs(off) <= CLOSE).sum())
    say(
        f"{close} of {len(off)} within 2 points; root mean square"
        f" {100 * np.sqrt(np.mean(off**2)):.2f} points, mean {100 * off.mean():+.2f}"
    )


def _rows(path: Path) -> Iterator[tuple[tuple[str, ...], float, bool]]:
    run = load_run(path)
    size = run.metadata.conditions.labels.get("pool_max")
    pools = [f"database={size}:{STAGES}"] if size else []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file, _ = export_run(run, "otlp", folder / "control.otlp", arm="control")
        traces = import_traces([file], folder / "traces")
        found = predict_savings(traces, independent=PLAN, pools=pools)
    known = what_if(run, schedule=run.metadata.design.arms[Arm.TREATMENT])
    measured = compare(run)
    name = str(path.relative_to(data_dir() / "runs") if path.is_relative_to(data_dir()) else path)
    for at in AT:
        predicted, saved = found[at].saving, measured[at].estimate
        if not predicted.defined:
            continue  # too few calls of one arm
        off = predicted.point - saved.point
        cells = (interval(each) for each in (predicted, known[at], saved))
        is_known = not pools or saved.upper - saved.lower < MOST_WIDTH
        close = "yes" if abs(off) <= CLOSE else "no"
        yield (name, f"{measured.n_pairs:,}", at, *cells, f"{100 * off:+.2f}", close), off, is_known


if __name__ == "__main__":
    main()
