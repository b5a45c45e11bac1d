"""Looking without code: `hhperf.explore(run)`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.savings import check_seed, check_threshold
from hhperf.errors import FigureError
from hhperf.runs.run import Run
from hhperf.show.findings import Findings
from hhperf.show.look.answers import Answers
from hhperf.show.look.judged_alone import JudgedAlone
from hhperf.show.look.still import still
from hhperf.show.look.wish import Wish
from hhperf.show.subject import Subject
from hhperf.show.subjects import find_subjects
from hhperf.show.sweep_findings import SweepFindings

if TYPE_CHECKING:
    from hhperf.show.look.explorer import Explorer

Thing: TypeAlias = Run | Comparison | Subject | Path | str | Sequence[Run]


def explore(
    thing: Thing, *, threshold: float = 0.20, statistic: str | None = None, seed: int = 0
) -> "Explorer":
    """Look at a run, a sweep or what was found of one, by moving controls: no code.

    For a cell of JupyterLab or Notebook 7. The verdict follows the saving claimed; a tenant, a
    session, a stretch of latencies, quantiles or time is picked out in every picture at once; any
    request opens its timeline under both arms; and where the run has spans, what a change would
    save is predicted as its controls move. Where there is no kernel a still picture stands.

    Args:
        thing: a run, several, a sweep as `load_sweep` gives it, the folder of either, what was
            found of one (`Findings`), or a `Comparison`, which has its verdicts alone.
        threshold: the saving that is claimed, where the slider stands at first.
        statistic: which saving is told at first; None for the one that the verdict stands on.
        seed: of the bootstrap.

    Raises:
        RunError: the run has no pair to compare, or one arm alone.
        SampleError: the threshold is none.
        FigureError: it is nothing that can be explored.
    """
    check_threshold(threshold)
    check_seed(seed)
    from hhperf.show.look.explorer import Explorer  # noqa: PLC0415  (a kernel's, and only there)

    if isinstance(thing, Comparison):
        wish = Wish(threshold=threshold, statistic=statistic or thing.primary)
        return Explorer(JudgedAlone(thing), wish, thing._repr_html_())
    subjects = _subjects(thing, threshold, seed)
    findings = [each for subject in subjects for each in _findings(subject, threshold, seed)]
    answers = Answers.of(tuple(each.title for each in findings), tuple(findings))
    wish = Wish(threshold=threshold, statistic=statistic or findings[0].primary)
    return Explorer(answers, wish, still(subjects[0]))


def _subjects(thing: object, threshold: float, seed: int) -> tuple[Subject, ...]:
    match thing:
        case Subject():
            return (thing,)
        case Run():
            return (Findings.of(thing, threshold=threshold, seed=seed),)
        case str() | Path():
            return find_subjects([Path(thing)], threshold=threshold, seed=seed)
        case [*runs] if runs and all(isinstance(each, Run) for each in runs):
            return tuple(
                Findings.of(each, threshold=threshold, seed=seed)
                for each in runs
                if isinstance(each, Run)
            )
        case _:
            raise FigureError(
                f"explore looks at runs, not at {type(thing).__name__}: give it a run"
                " (hhperf.load_run), a sweep (hhperf.load_sweep) or the folder of one"
            )


def _findings(subject: Subject, threshold: float, seed: int) -> list[Findings]:
    if isinstance(subject, SweepFindings):
        options = [(each.run, each.title) for each in subject.judged]
        return [
            Findings.of(run, title=title, threshold=threshold, seed=seed) for run, title in options
        ]
    return [subject] if isinstance(subject, Findings) else []
