"""What showing a run costs whoever measures it: the same regime with and without, in turns.

Run `python -m tests.benchmarks.harness.watched TRIALS` on a terminal of its own. Told are, of each
run, the event loop's lag at p50 and p99, the generator's processor time a pair, and the control's
median, as the run itself has recorded them.
"""

import os
import pty
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np

from hhperf.experiment.replay import replay_sync
from hhperf.harness.live_view import VARIABLE
from hhperf.harness.paired_plan import plan_pairs
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from tests.benchmarks.harness.tools import say
from tests.harness.conftest import arms, make_log
from tests.harness.endless import answer_soon

PAIRS = 1_500


def main() -> None:
    """A line a run, then the medians of both kinds."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    found: dict[str, list[tuple[float, ...]]] = {"off": [], "on": []}
    seen = _screen()
    say("shown  lag p50, ms  lag p99, ms  processor, ms a pair  control p50, ms")
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(trials):
            for shown in ("off", "on") if number % 2 else ("on", "off"):
                os.environ[VARIABLE] = shown
                found[shown].append(_figures(_measured(Path(temporary) / f"{shown}-{number}")))
                say(_line(shown, found[shown][-1]))
    for shown, each in found.items():
        say(_line(shown, tuple(np.median(each, axis=0))) + "  median")
    say(f"{len(seen):,} bytes were drawn")


def _screen() -> bytearray:
    """Let stderr be a terminal, of which everything is read."""
    ours, theirs = pty.openpty()
    os.dup2(theirs, 2)
    seen = bytearray()

    def read() -> None:
        while True:
            seen.extend(os.read(ours, 65_536))

    threading.Thread(target=read, daemon=True).start()
    return seen


def _measured(folder: Path) -> Run:
    plan = plan_pairs(
        make_log(10), cache_state="natural", seed=1, order="draw", pairs=PAIRS, warm_up=0,
        extra_time_s=0,
    )  # fmt: skip
    return replay_sync(
        plan, arms(control=answer_soon, treatment=answer_soon, control_again=answer_soon), folder
    )


def _figures(run: Run) -> tuple[float, ...]:
    health = run.health.to_pandas()
    lag, used = (health[health["kind"] == kind]["value_ns"] / 1e6 for kind in ("loop_lag", "cpu"))
    frame = run.frame()
    control = frame[frame["arm"] == Arm.CONTROL.value]
    took_ms = (control["end_ns"] - control["start_ns"]) / 1e6
    return (*lag.quantile([0.5, 0.99]), used.sum() / PAIRS, took_ms.median())


def _line(shown: str, figures: tuple[float, ...]) -> str:
    lag, late, used, control = figures
    return f"{shown:<5}  {lag:>11.2f}  {late:>11.2f}  {used:>21.3f}  {control:>15.2f}"


if __name__ == "__main__":
    main()
