"""Changes the real system as was predicted, and prints predicted against measured.

    python -m tests.benchmarks.forecast.prove predict    writes predictions.json, measures nothing
    python -m tests.benchmarks.forecast.prove            measures the twelve that were drawn, and
                                                         adds them to PROVED.md
    python -m tests.benchmarks.forecast.prove learn      measures others, for the model's error
    python -m tests.benchmarks.forecast.prove 3 17       measures these

A system takes one to ten minutes on a quiet machine. Predictions are read from the file, never
made anew, so what is proved is what was committed. A prediction holds where its interval contains
what was measured; the measurement's own interval is beside it and excuses nothing.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hhperf.analysis.estimate import Estimate
from hhperf.experiment.fresh_orders import (
    Conditions,
    offered,
    record_loads,
    record_pairs,
    unknown_to,
)
from hhperf.forecast.what_if import Forecast, what_if
from hhperf.runs.run import Run, load_run
from hhperf.show.card import Table
from hhperf.show.forecast_cards import interval
from hhperf.shown import milliseconds
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_dir
from tests.benchmarks.forecast.systems import (
    DRAWN,
    SEED,
    SYSTEMS,
    Setting,
    drawn,
    learned_from,
)

PREDICTIONS = Path(__file__).with_name("predictions.json")
PAGE = Path(__file__).with_name("PROVED.md")
AT = {"p50": 0.5, "p95": 0.95}
PAIRS, PAIRS_ALONE = 800, 400
"""Side by side, and where connections are so few that one is measured at a time. At 200 pairs a
measured p95 is itself uncertain by more than what a prediction may be off."""
SECONDS, ROUNDS, OF_ARRIVALS = 20.0, 6, 1
IN_FLIGHT = 8
NEAR = 0.03
"""How far a predicted saving may be from the measured one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One statistic of one system: its saving as predicted and as measured."""

    system: int
    name: str
    at: str
    predicted: Estimate
    measured: Estimate
    control_s: tuple[float, float]

    @property
    def apart(self) -> float:
        """Measured less predicted."""
        return self.measured.point - self.predicted.point

    @property
    def holds(self) -> bool:
        """Whether the predicted interval contains what was measured."""
        return self.predicted.contains(self.measured.point)

    @property
    def half_width(self) -> float:
        """Of the predicted interval."""
        return (self.predicted.upper - self.predicted.lower) / 2

    @property
    def row(self) -> tuple[str, ...]:
        """For the table."""
        return (
            f"{self.system} {self.name}", self.at, interval(self.predicted),
            interval(self.measured), f"{100 * self.apart:+.1f}", "yes" if self.holds else "no",
            *map(milliseconds, self.control_s),
        )  # fmt: skip


def main() -> None:
    """Predict, or measure what was predicted."""
    if sys.argv[1:] == ["predict"]:
        written = [_plain(place, predicted(*SYSTEMS[place])) for place in range(len(SYSTEMS))]
        PREDICTIONS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        return
    learn = sys.argv[1:] == ["learn"]
    places = learned_from() if learn else [int(each) for each in sys.argv[1:]] or drawn()
    known = {each["system"]: each for each in json.loads(PREDICTIONS.read_text(encoding="utf-8"))}
    cells: list[Cell] = []
    with Stack() as stack, tempfile.TemporaryDirectory() as folder:
        for place in places:
            run = measured(*SYSTEMS[place], stack, Path(folder) / str(place))
            cells += _cells(place, known[place], run)
            print(*(" | ".join(each.row) for each in cells[-len(AT) :]), sep="\n", file=sys.stderr)
    columns = (
        "system", "at", "predicted", "measured", "apart", "holds", "control, ms", "measured, ms",
    )  # fmt: skip
    rows = tuple(each.row for each in cells)
    table, said = Table("Savings of schedules against sequential", columns, rows), _summary(cells)
    print(table, said, sep="\n")
    if tuple(places) == drawn():
        with PAGE.open("a", encoding="utf-8") as page:  # lists before it stay
            page.write(_told(table, said))
    for kind in sorted({SYSTEMS[each.system][0].kind for each in cells}):
        apart = [each.apart for each in cells if SYSTEMS[each.system][0].kind == kind]
        error = 100 * np.sqrt(np.mean(np.square(apart)))
        print(f"{kind}: root mean square {error:.2f} points over {len(apart)}")


def predicted(setting: Setting, schedule: str) -> Forecast:
    """From the shipped run alone, and under a load from when its requests will come."""
    base = load_run(data_dir() / "runs" / setting.base)
    profile = setting.latency_profile()
    stages: dict[str, Any] = dict.fromkeys(setting.scaled, profile)
    if setting.warm:  # a rerank whose scores are known takes next to nothing
        stages |= {"embedding": "cached", "specialty": "cached"}
    elif setting.rerank:
        stages["rerank"] = profile
    loads = offered(setting.rate_hz, SECONDS, ROUNDS, OF_ARRIVALS) if setting.rate_hz else []
    return what_if(
        base, schedule=schedule, stages=stages, pool_max=setting.pool_max,
        both=["stages", "pool_max"], rate_hz=setting.rate_hz,
        arrivals=[each.at_ns / 1e9 for each in loads] or None,
    )  # fmt: skip


def measured(setting: Setting, schedule: str, stack: Stack, out: Path) -> Run:
    """On the real system, with requests that the prediction did not know."""
    base = load_run(data_dir() / "runs" / setting.base)
    fresh = unknown_to(base, load_query_log(data_dir() / "queries.jsonl"))
    alone = setting.pool_max < IN_FLIGHT
    how = Conditions(
        control="sequential",
        profile=setting.latency_profile(),
        rerank=setting.rerank,
        cache_state="warm" if setting.warm else "cold",
        pool_max=setting.pool_max,
        in_flight=1 if alone else IN_FLIGHT,
        seed=OF_ARRIVALS,
    )
    if not setting.rate_hz:
        pairs = PAIRS_ALONE if alone else PAIRS
        return record_pairs(fresh, stack, out, [schedule], how, pairs)[schedule]
    runs = record_loads(
        fresh, stack, out, [schedule], how,
        rate_hz=setting.rate_hz, seconds=SECONDS, rounds=ROUNDS,
    )  # fmt: skip
    return runs[schedule]


def _plain(place: int, found: Forecast) -> dict[str, Any]:
    setting, schedule = SYSTEMS[place]
    figures = {
        at: {
            "saving": round(found[at].point, 5),
            "lower": round(found[at].lower, 5),
            "upper": round(found[at].upper, 5),
            "control_s": round(float(np.quantile(found.control_s, q)), 5),
        }
        for at, q in AT.items()
    }
    return {"system": place, "setting": setting.name, "schedule": schedule, **figures}


def _cells(place: int, known: dict[str, Any], run: Run) -> list[Cell]:
    comparison, pairs = compare(run), run.pairs(run.statistic)
    name = f"{known['setting']}: {known['schedule']}"
    cells: list[Cell] = []
    for at, q in AT.items():
        told = known[at]
        saving = Estimate(told["saving"], told["lower"], told["upper"])
        control_s = (told["control_s"], float(np.quantile(pairs.control, q)))
        cells.append(Cell(place, name, at, saving, comparison[at].estimate, control_s))
    return cells


def _told(table: Table, said: str) -> str:
    return (
        f"\n## List of seed {SEED}\n\n{DRAWN} of {len(SYSTEMS)} changed"
        f" systems; the list and the predictions were committed before any was measured."
        f" {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores,"
        f" {platform.machine()}. {said}\n\n{table.to_markdown()}\n"
    )


def _summary(cells: Sequence[Cell]) -> str:
    systems = {each.system for each in cells}
    far = {each.system for each in cells if abs(each.apart) > NEAR}
    held = sum(each.holds for each in cells)
    return (
        f"Within {100 * NEAR:.0f} points at every statistic: {len(systems - far)} of"
        f" {len(systems)} systems. Intervals that hold: {held} of {len(cells)}; median half-width"
        f" {100 * np.median([each.half_width for each in cells]):.1f} points."
    )


if __name__ == "__main__":
    main()
