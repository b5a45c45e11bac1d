"""What is printed: results to the output, everything else beside it."""

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from hhperf.errors import HhperfError, RunError
from hhperf.masking import masked

if TYPE_CHECKING:
    from hhperf.runs.run import Run
    from hhperf.show.findings import Findings
    from hhperf.show.subject import Subject
    from hhperf.verdict.restarts import Restarts

WIDTH_WITHOUT_TERMINAL = 110


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


output = _console(stderr=False)
errors = _console(stderr=True)


def command_line() -> str:
    """The command that is carried out, as it can be typed again by who knows its secrets."""
    return masked(shlex.join(["hhperf", *sys.argv[1:]]))


def show(subject: "Subject") -> None:
    """Print all that is said of a run or a sweep, the verdict last, where the eye ends."""
    output.rule(subject.title)
    output.print()
    for table in subject.tables:
        output.print(table)
        output.print()
    for sentence in subject.sentences:
        output.print(sentence, markup=False)
    output.print()
    output.print(subject.verdict, style="bold", markup=False)
    output.print()


def show_recorded(
    run: "Run", threshold: float, seed: int, *, in_full: bool = False
) -> "Findings | None":
    """Print the verdict of a run just recorded; of a partial one why, if there is none.

    Args:
        run: just recorded.
        threshold: the saving that is claimed.
        seed: of the bootstrap.
        in_full: whether to print all that is said of it.

    Raises:
        HhperfError: nothing can be said of a finished run.
    """
    from hhperf.show.findings import Findings  # noqa: PLC0415  (heavy)

    try:
        found = Findings.of(run, threshold=threshold, seed=seed)
    except HhperfError as error:
        if run.status == "finished":
            raise
        errors.print(f"Nothing to compare: {error}.", markup=False)
        return None
    if in_full:
        show(found)
        return found
    output.print(found.verdict, style="bold", markup=False)
    return found


def show_folder(folder: Path, threshold: float, seed: int, *, undamaged_only: bool = False) -> None:
    """Print all that is said of what a folder holds; of restarts what they say together.

    Raises:
        RunError: there is no run in it, or its runs have no pair to compare.
    """
    if show_restarts(folder, threshold, seed):
        return
    from hhperf.show.claim import claim_of  # noqa: PLC0415  (heavy, as is the next)
    from hhperf.show.subjects import find_subjects  # noqa: PLC0415

    subjects = find_subjects(
        [folder], threshold=threshold, seed=seed, undamaged_only=undamaged_only
    )
    for each in subjects:
        show(each)
    if claim := claim_of(subjects):
        output.print(claim)


def show_restarts(folder: Path, threshold: float, seed: int) -> bool:
    """Print the verdict over runs of each regime that a folder has restarts of; whether it has any.

    Raises:
        RunError: of no regime two of them went to their end.
    """
    from hhperf.show.restarts_card import claim_over_runs_table  # noqa: PLC0415  (heavy)
    from hhperf.verdict.restarts import compare_restarts, restart_sets  # noqa: PLC0415

    sets = restart_sets(folder)
    found, failed = list["Restarts"](), list[RunError]()
    for runs in sets:
        try:
            found.append(compare_restarts(runs, threshold=threshold, seed=seed))
        except RunError as error:  # another regime may be complete
            failed.append(error)
    if failed and not found:
        raise failed[0]
    for each_failed in failed:
        errors.print(f"Not compared: {each_failed}.", markup=False)
    for each in found:
        output.print(each)
        output.print()
    if len(found) > 1:
        output.print(claim_over_runs_table(found))
    return bool(sets)


def show_notes(notes: Iterable[str]) -> None:
    """Print each of several notes once."""
    for note in dict.fromkeys(notes):
        output.print(f"Note: {note}.", markup=False)
