"""Looks at a run while another process measures it, and shows what it says.

`python -m hhperf.show.watching FOLDER THRESHOLD terminal|lines` is started by `harness.live_view`
beside what measures. It reads what is on disk, runs when nothing else wants the processor, tells
each line of its input above what it draws, and ends with that: the generator does nothing for it.
`terminal` draws on stderr; `lines` writes one JSON line a look, with the card as HTML, for a
notebook.
"""

import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.live import Live

from hhperf.errors import HhperfError
from hhperf.runs.run import is_run, load_run
from hhperf.show.card import Card
from hhperf.show.watch_cards import watch_card
from hhperf.show.watch_state import WatchState

EVERY_S = 1.0
CSS = (
    "<style>.hhperf-watch .hhperf td{font-family:var(--jp-code-font-family,monospace);"
    "white-space:pre}</style>"
)
"""What is drawn with characters needs them equally wide."""

SHARE = 0.1
"""Of the time may be spent on looking: a run that takes long to read is looked at less often."""


def looks(folder: Path, threshold: float, wait: Callable[[float], bool]) -> Iterator[Card]:
    """The cards of a run, one a look; ends with the run, or when `wait` says so.

    Args:
        folder: where it is, or will be, recorded.
        threshold: the saving that is claimed.
        wait: waits for so many seconds; whether to end.
    """
    pause_s = 0.2
    while not wait(pause_s):
        begun = time.monotonic()
        with suppress(HhperfError, OSError, ValueError):  # it is being written at this moment
            if is_run(folder):
                state = WatchState.of(load_run(folder), threshold)
                yield watch_card(state)
                if state.status != "running":
                    return
        pause_s = max(EVERY_S, (time.monotonic() - begun) / SHARE)


def draw(cards: Iterator[Card], console: Console) -> None:
    """Show each card in place of the one before; nothing of them stays."""
    with Live(console=console, auto_refresh=False, transient=True) as live:
        for card in cards:
            live.update(card, refresh=True)


def write_lines(cards: Iterator[Card]) -> None:
    """One JSON string a card, its HTML."""
    for card in cards:
        sys.stdout.write(json.dumps(f'<div class="hhperf-watch">{card._repr_html_()}{CSS}</div>'))
        sys.stdout.write("\n")
        sys.stdout.flush()


def main() -> None:
    """Look until the input ends, which is when whoever started this has gone."""
    folder, threshold, how = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the run, whose end is to be seen
    warnings.simplefilter("ignore")  # of what is half written
    _when_nothing_else_runs()
    over, console = threading.Event(), Console(stderr=True, highlight=False, force_terminal=True)

    def tell_to_the_end() -> None:
        for line in sys.stdin:
            console.print(line.rstrip(), markup=False)
        over.set()

    threading.Thread(target=tell_to_the_end, daemon=True).start()
    cards = looks(folder, threshold, over.wait)
    with suppress(BrokenPipeError):
        if how == "terminal":
            draw(cards, console)
        else:
            write_lines(cards)


def _when_nothing_else_runs() -> None:
    """Take only what processor time nobody else wants."""
    with suppress(OSError):
        os.nice(19)
        if hasattr(os, "SCHED_IDLE"):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


if __name__ == "__main__":
    main()
