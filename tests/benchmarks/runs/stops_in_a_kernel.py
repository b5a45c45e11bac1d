"""What becomes of a notebook's cell when its stop button is pressed, in each phase.

Run `python -m tests.benchmarks.runs.stops_in_a_kernel TRIALS [functions|stack]`. One kernel runs
all cells, as JupyterLab's does; each trial waits for a phase by what is on disk, lets a drawn
moment pass and interrupts the kernel, once. The arms are functions that take some milliseconds, or
the kit's own on an embedded stack that the cell starts. Seen are how long the cell then took to
end, what it put out, what is on disk, and which tasks and processes the kernel still has.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jupyter_client.manager import KernelManager

from tests.benchmarks.harness.tools import say
from tests.benchmarks.runs.stops import (
    PASSED,
    SHORTLY,
    WAITS_S,
    WITHIN_S,
    Ended,
    clear,
    kept_in,
    tell,
    wrong_in,
)
from tests.show.test_in_a_kernel import SETUP, TIMEOUT_S, Kernel

FUNCTIONS = {
    "await replay": "run = await replay(pairs, targets(), {out!r})",
    "replay_sync": "run = replay_sync(pairs, targets(), {out!r})",
    "await load": "run = await replay(load, targets(), {out!r})",
    "await sweep": "run = await hhperf.record_sweep(plans, targets, {out!r})",
}
STACK = {
    "await record": """
with hhperf.Stack(corpus=hhperf.Corpus(500)) as stack:
    run = await study.record(log, stack, {out!r})
""",
}
MORE = """
from dataclasses import replace as changed
import numpy as np
pairs = changed(plan(150), warm_up=np.zeros(40, dtype=int))
load = plan_load(
    log, evenly(constant(100, 0.7)), cache_state="natural", seed=1, warm_up=40, extra_time_s=0
)
plans = hhperf.plan_sweep(
    log, [60, 80, 100], seconds=0.5, seed=1, rounds=1, warm_up=20, cache_state="natural"
)
study = hhperf.Study(pairs=60, warm_up=30, rerank=False, extra_time_s=0)
"""
LEFT = """
import time
import psutil
tasks = [each for each in asyncio.all_tasks() if "hhperf" in str(each.get_coro())]
until = time.monotonic() + 2  # a stack's watcher looks twice a second
while (left := psutil.Process().children(recursive=True)) and time.monotonic() < until:
    await asyncio.sleep(0.05)
print(len(tasks), len(left))
"""


def main() -> None:
    """A line for each phase of each kind of cell."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    cells = STACK if sys.argv[2:] == ["stack"] else FUNCTIONS
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["HHPERF_WATCH"] = "on"
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(cwd=temporary)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT_S)
            kernel = Kernel(manager, client)
            kernel.run(SETUP)
            say("cell          phase      trials   s to end, median (most)  over 2 s  wrong  kept")
            for name, cell in cells.items():
                for phase in _phases(name):
                    moments = np.random.default_rng([len(name), len(phase)])
                    kernel.run(MORE)
                    out = Path(temporary) / "out"
                    ended = [trial(kernel, cell, phase, out, moments) for _ in range(trials)]
                    tell(f"{name:<13} {phase:<9}", ended)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _phases(name: str) -> tuple[str, ...]:
    first = ("start",) if name == "await record" else ()
    last = ("between",) if name == "await sweep" else ()
    return (*first, "warm-up", "measuring", "closing", *last)


def trial(kernel: Kernel, cell: str, phase: str, out: Path, moments: np.random.Generator) -> Ended:
    """Interrupt one cell in a phase."""
    due = Due(PASSED[phase], out, moments.uniform(*WAITS_S.get(phase, SHORTLY)))
    output = kernel.run(cell.format(out=str(out)), stop_when=due)
    took_s = time.monotonic() - due.passed_s if due.passed_s else 0.0
    said = " ".join([output.failure, *output.traceback, output.errors])
    found = Ended(phase, took_s, None, said, kept_in(out), late=took_s > WITHIN_S)
    if not due.passed_s:
        found.kept = f"(ended before) {found.kept}"
    if output.failure not in ("", "InterruptionError", "StoppedAtOnce"):
        found.wrong.append(f"ended by {output.failure}")
    if output.failure and len(output.traceback) > 1:
        found.wrong.append("said more than a sentence")
    found.wrong += wrong_in(out)
    tasks, processes = map(int, kernel.run(LEFT).printed.split())
    if tasks or processes:
        found.wrong.append(f"{tasks} tasks and {processes} processes left")
    clear(out)
    return found


class Due:
    """Whether it is time to press the button, asked again and again."""

    def __init__(self, has_passed: Callable[[Path], bool], out: Path, after_s: float) -> None:
        self._has_passed = has_passed
        self._out = out
        self._after_s = after_s
        self.passed_s = 0.0

    def __call__(self) -> bool:
        """True once, when the phase has come and the moment has passed."""
        if self.passed_s:
            return False
        until_s = time.monotonic() + 0.1
        while not self._has_passed(self._out) and time.monotonic() < until_s:
            time.sleep(0.003)
        if not self._has_passed(self._out):
            return False
        time.sleep(self._after_s)
        self.passed_s = time.monotonic()
        return True


if __name__ == "__main__":
    main()
