"""Takes a stack's servers down once its last user has gone, whatever ended it.

A process of its own, since nothing can be done by one that is killed: run as
`python -m hhperf.stack.watcher ROOT KEY`. Each stack that runs has one.
"""

import sys
import time
from pathlib import Path

from hhperf.stack import processes
from hhperf.stack.claims import Claims

EVERY_S = 0.5
"""Between two looks, which cost some microseconds each: nothing of it shows in what is measured."""


def spawn_watcher(claims: Claims) -> None:
    """Have the stack watched, unless it is; to be called with no other process about."""
    if not claims.watchers.is_used():
        command = [sys.executable, "-m", "hhperf.stack.watcher", str(claims.root), claims.key]
        processes.spawn(command, claims.beside("watcher.log"))


def watch(claims: Claims) -> None:
    """Look until nobody uses the stack; then take down what still runs, unless it is kept."""
    claims.watchers.enter()
    while True:
        time.sleep(EVERY_S)
        with claims.alone():
            if claims.is_used():
                continue
            if not claims.is_kept:
                _take_down(claims)
            claims.watchers.leave()  # before anybody else comes, who has to start another
            return


def _take_down(claims: Claims) -> None:
    from hhperf.stack.shared import SharedServers  # noqa: PLC0415  (heavy, and needed once)

    SharedServers(claims).clear_away()


if __name__ == "__main__":
    watch(Claims(Path(sys.argv[1]), sys.argv[2]))
