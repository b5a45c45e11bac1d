"""Uses a stack until its input ends: `python -m tests.stack.user ROOT CANDIDATES`."""

import sys
from pathlib import Path

from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import Corpus


class Telling(EmbeddedStack):
    """Says when it builds."""

    def _build(self) -> None:
        print("builds", flush=True)
        super()._build()


if __name__ == "__main__":
    stack = Telling(Settings(), Corpus(int(sys.argv[2])), root=Path(sys.argv[1]))
    stack.enter()
    print("uses", flush=True)
    sys.stdin.read()
    stack.leave()
