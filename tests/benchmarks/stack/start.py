"""How long the embedded stack takes to start when it is built, and to build.

`python -m tests.benchmarks.stack.start [CANDIDATES]` uses a folder of its own and removes it.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import DEFAULT_CANDIDATES, Corpus

STARTS = 5


def main(candidates: int) -> None:
    """Build once, start several times, print both."""
    with tempfile.TemporaryDirectory(prefix="hhperf-bench-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another user
        stack = EmbeddedStack(Settings(), Corpus(candidates), root=Path(folder))
        built_s = _seconds(stack.enter)
        stack.leave()
        started_s = []
        for _ in range(STARTS):
            started_s.append(_seconds(stack.enter))
            stack.leave()
        sys.stdout.write(
            f"build and start, {candidates:,} candidates: {built_s:.1f} s\n"
            f"start when built: {median(started_s):.2f} s (median of {STARTS},"
            f" longest {max(started_s):.2f})\n"
        )
        stack.remove()


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_CANDIDATES)
