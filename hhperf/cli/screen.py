"""What is printed: results to the output, everything else beside it."""

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 110


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return (
        console
        if console.is_terminal
        else Console(stderr=stderr, highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    )


output = _console(stderr=False)
errors = _console(stderr=True)
