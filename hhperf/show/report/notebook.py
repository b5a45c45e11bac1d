"""A run or a sweep as a notebook that checks itself: written, executed, ready for somebody's CI."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hhperf.analysis.decision import Verdict
from hhperf.errors import ForecastError, RunError
from hhperf.forecast.optimise import optimise
from hhperf.show.findings import Findings
from hhperf.show.report.write import write_text
from hhperf.show.subject import Subject
from hhperf.show.subjects import find_subjects

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECKED = ("nbval-check-output", "keep_output")
"""Tags of a cell whose output is compared when the notebook is run again."""
GUESS = "**Guess first**: how much is saved at the median, how much at p95, and will it do?"
TIMEOUT_S = 600
QUIET = ["--log-level=ERROR"]
"""The kernel warns of each connection on this machine that it is not encrypted."""

NEXT = {
    Verdict.EXCEEDS: "The claim holds here. Before it is told of elsewhere: other loads"
    " (`hhperf sweep`), other conditions, and a gate in CI (`hhperf gate`).",
    Verdict.BELOW: "The claim does not hold here. Another change may save more; what is predicted"
    " to is worth a measurement.",
    Verdict.INCONCLUSIVE: "The interval holds the claim, or a gate could not tell: more pairs, or a"
    " quieter machine. The verdict's sentence says how many, where that is known.",
    Verdict.NOT_MEASURABLE: "No verdict can be had from this run: a gate failed, or there are too"
    " few requests. Mend that first; no prediction replaces it.",
    None: "The loads differ in their verdicts: the claim holds for some and not for others.",
}
"""What to do next, by verdict."""


def write_notebook(
    path: Path | str,
    out: Path | str | None = None,
    *,
    threshold: float = 0.20,
    seed: int = 0,
) -> Path:
    """Write an executed notebook about a run or a sweep; `pytest --nbval-lax` holds it to that.

    Args:
        path: the folder of the run or the sweep; it stands at the notebook's top.
        out: the file; the folder's name with `.ipynb`, here, when None.
        threshold: the saving that is claimed.
        seed: of the bootstrap.

    Returns:
        The file.

    Raises:
        RunError: there is no run or more than one thing to tell, a cell failed, or the file cannot
            be written.

    Example:
        >>> run = hhperf.data_dir() / "runs" / "claim" / "plan"
        >>> hhperf.write_notebook(run, "plan.ipynb")  # doctest: +SKIP
    """
    import nbformat  # noqa: PLC0415  (heavy, as is the next)
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError  # noqa: PLC0415

    folder = Path(path)
    subjects = find_subjects([folder], threshold=threshold, seed=seed)
    if len(subjects) != 1:
        below = sorted({run.relative_to(folder).parts[0] for run in folder.glob("*/**/run.json")})
        raise RunError(
            f"{folder}: holds {len(subjects)} runs or sweeps; name one of them: {', '.join(below)}"
        )
    file = Path(f"{folder.resolve().name}.ipynb") if out is None else Path(out)
    notebook = _notebook(subjects[0], folder.resolve(), threshold, seed)
    try:
        NotebookClient(
            notebook, timeout=TIMEOUT_S, kernel_name="python3", extra_arguments=QUIET
        ).execute()
    except CellExecutionError as error:
        raise RunError(f"{file}: a cell about {folder} failed: {error}") from error
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    write_text(file, nbformat.writes(notebook) + "\n")  # type: ignore[no-untyped-call]
    return file


def _notebook(subject: Subject, folder: Path, threshold: float, seed: int) -> "NotebookNode":
    from nbformat import v4  # noqa: PLC0415

    cells = []
    for place, (source, tags) in enumerate(_cells(subject, folder, threshold, seed)):
        if tags is None:
            cell = v4.new_markdown_cell(source)  # type: ignore[no-untyped-call]
        else:
            cell = v4.new_code_cell(source, metadata={"tags": list(tags)})  # type: ignore[no-untyped-call]
        cell["id"] = f"cell-{place:02}"
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made: NotebookNode = v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=cells, metadata={"kernelspec": kernel}
    )
    return made


def _cells(
    subject: Subject, folder: Path, threshold: float, seed: int
) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Each cell's text; None for tags where it is prose."""
    yield f"# Is {threshold:.0%} saved? {subject.title}\n\n{GUESS}\n\nThe run: `{folder}`", None
    yield (
        "from pathlib import Path\n\nimport hhperf\nfrom hhperf.show import gates_table\n"
        f"from hhperf.show.subjects import find_subjects\n\nRUN = Path({str(folder)!r})\n"
        f"[found] = find_subjects([RUN], threshold={threshold!r}, seed={seed!r})",
        (),
    )
    for card in subject.cards:
        if card.pictures:
            yield f"## {card.title}", None
            yield _drawn(card.title), CHECKED
        if card.title in {"Savings", "Savings by load"}:
            yield "**The verdict**, at the statistic that it stands on:", None
            yield "display(found.headline, found.decisive)", CHECKED
        elif card.title == "Validity gates":
            yield f"## {card.title}\n\n{' '.join(card.sentences)}", None
            yield "gates_table(found.missed_gates)", CHECKED
        elif card.pictures and card.sentences:
            yield "\n\n".join(card.sentences), None
    yield f"## What next\n\n{NEXT[subject.word]}", None
    if isinstance(subject, Findings):
        why_not = _unranked(subject)
        yield why_not or "Orders of the stages, predicted from the control:", None
        if not why_not:
            yield "ranking = hhperf.optimise(found.run)\nranking", CHECKED
            yield "_ = hhperf.plots.plot_ranking(ranking)", CHECKED
    yield f"## Conditions\n\n{subject.conditions}\n\n" + "\n".join(subject.notes), None


def _unranked(subject: Findings) -> str:
    """Why no other order can be predicted from the run; empty where they can."""
    try:
        optimise(subject.run, best=1)
    except (RunError, ForecastError) as error:
        return f"No other order of the stages can be predicted from this run ({error})."
    return ""


def _drawn(title: str) -> str:
    return (
        f"[card] = [each for each in found.cards if each.title == {title!r}]\n"
        "for picture in card.pictures:\n    display(picture.figure())"
    )
