"""Predictions from the controls of the shipped runs, beside what those runs measured.

Run `python -m tests.benchmarks.forecast.shipped`: a minute. The root mean squares at its end are
the constants in `hhperf/forecast/model_error.py`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.estimate import Estimate
from hhperf.forecast.basis import load_of
from hhperf.forecast.what_if import Forecast, what_if
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.show.card import Table
from hhperf.show.forecast_cards import interval
from hhperf.verdict.compare import compare
from hhperf.workload.shipped import data_dir

PAIRED = (
    "plan-rerank-off", "plan-rerank-on", "claim/as-shipped", "claim/plan", "claim/plan-eager",
    "claim/plan-rerank", "claim/plan-rerank-eager", "claim/cloud", "claim/cloud-eager",
    "claim/local", "claim/local-eager",
)  # fmt: skip
AS_WRITTEN = "claim/plan"
BASE = "sweep-plan/pool-20/000004.200"
AT = ("p50", "p95")


@dataclass(frozen=True)
class Cell:
    """One saving, predicted and measured."""

    kind: str
    name: str
    statistic: str
    predicted: Estimate
    measured: Estimate

    @property
    def row(self) -> tuple[str, ...]:
        """As it is printed."""
        inside = "yes" if self.measured.contains(self.predicted.point) else "no"
        return (
            self.name, self.statistic, interval(self.predicted), interval(self.measured), inside,
        )  # fmt: skip


def main() -> None:
    """Print each saving, and how far predictions are off."""
    cells = [*_paired(), *_placeholder(), *_loaded()]
    columns = ("run", "at", "predicted", "measured", "within measured")
    print(Table("Savings", columns, tuple(each.row for each in cells)))
    off = defaultdict(list)
    for each in cells:
        off[each.kind].append(each)
    for kind, some in off.items():
        print(f"{kind}: {_summary(some)}")


def _summary(cells: list[Cell]) -> str:
    errors = np.array([each.predicted.point - each.measured.point for each in cells])
    within = sum(each.measured.contains(each.predicted.point) for each in cells)
    known = np.array([each.measured.upper - each.measured.lower < MOST_WIDTH for each in cells])
    rms = np.sqrt(np.mean(errors[known] ** 2))
    return (
        f"{within} of {len(cells)} within the measured interval; root mean square"
        f" {rms * 100:.2f} points, mean {errors[known].mean() * 100:+.2f}, over the"
        f" {known.sum()} measured to {MOST_WIDTH * 100:.0f} points"
    )


MOST_WIDTH = 0.20
"""Of a measured interval that tells anything of a model's error."""


def _paired() -> Iterator[Cell]:
    for name in PAIRED:
        run = load_run(data_dir() / "runs" / name)
        kind = "schedule of computing stages" if "local" in name else "schedule"
        schedule = run.metadata.design.arms[Arm.TREATMENT]
        yield from _cells(kind, f"{name} ({schedule})", what_if(run, schedule=schedule), run)


def _placeholder() -> Iterator[Cell]:
    """What the plan as shipped saves, from the run as written."""
    written = load_run(data_dir() / "runs" / AS_WRITTEN)
    found = what_if(written, schedule="as_shipped", against="as_shipped_sequential")
    shipped = load_run(data_dir() / "runs/claim/as-shipped")
    yield from _cells("placeholder", "as shipped, from the run as written", found, shipped)


def _loaded() -> Iterator[Cell]:
    base = load_run(data_dir() / "runs" / BASE)
    for folder in sorted((data_dir() / "runs/sweep-plan").glob("pool-*/0*")):
        run = load_run(folder)
        load = load_of(run)
        assert load is not None
        pool = int(run.metadata.conditions.labels["pool_max"])
        found = what_if(
            base, schedule="parallel", pool_max=pool, both=["pool_max"], rate_hz=load.rate_hz,
            seconds=load.seconds, rounds=load.rounds,
        )  # fmt: skip
        yield from _cells("load", f"{pool} connections, {load.rate_hz:g}/s", found, run)


def _cells(kind: str, name: str, found: Forecast, run: Run) -> Iterator[Cell]:
    measured = compare(run)
    for at in AT:
        yield Cell(kind, name, at, found[at], measured[at].estimate)


if __name__ == "__main__":
    main()
