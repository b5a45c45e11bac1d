"""What is printed: results to the output, everything else beside it."""

from rich.console import Console

from hhperf.show.subject import Subject

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


def show(findings: Subject) -> None:
    """Print all that is said of a run or a sweep, the verdict last, where the eye ends."""
    output.rule(findings.title)
    output.print()
    for table in findings.tables:
        output.print(table)
        output.print()
    for sentence in findings.sentences:
        output.print(sentence, markup=False)
    output.print()
    output.print(findings.verdict, style="bold", markup=False)
    output.print()
