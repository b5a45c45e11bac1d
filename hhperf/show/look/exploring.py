"""Looking without code: `hhperf.explore(run)`, `hhperf.explore(traces)`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, overload

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.savings import check_seed, check_threshold
from hhperf.errors import FigureError
from hhperf.runs.run import Run
from hhperf.show.findings import Findings
from hhperf.show.look.answers import Answers
from hhperf.show.look.judged_alone import JudgedAlone
from hhperf.show.look.still import still, still_traces
from hhperf.show.look.trace_answers import TraceAnswers
from hhperf.show.look.wish import Wish
from hhperf.show.subject import Subject
from hhperf.show.subjects import find_subjects
from hhperf.show.sweep_findings import SweepFindings
from hhperf.traces.calls import find_operation
from hhperf.traces.trace_set import FACTS, TraceSet, load_traces

if TYPE_CHECKING:
    from hhperf.show.look.explorer import Explorer
    from hhperf.show.look.trace_explorer import TraceExplorer

Thing: TypeAlias = Run | Comparison | Subject | Path | str | Sequence[Run] | TraceSet


@overload
def explore(
    thing: TraceSet,
    *,
    threshold: float = ...,
    seed: int = ...,
    operation: str | None = ...,
    clusters: Sequence[str] = ...,
) -> "TraceExplorer": ...
@overload
def explore(
    thing: Run | Comparison | Subject | Sequence[Run],
    *,
    threshold: float = ...,
    statistic: str | None = ...,
    seed: int = ...,
) -> "Explorer": ...
@overload
def explore(
    thing: Path | str,
    *,
    threshold: float = ...,
    statistic: str | None = ...,
    seed: int = ...,
    operation: str | None = ...,
    clusters: Sequence[str] = ...,
) -> "Explorer | TraceExplorer": ...
def explore(
    thing: Thing,
    *,
    threshold: float = 0.20,
    statistic: str | None = None,
    seed: int = 0,
    operation: str | None = None,
    clusters: Sequence[str] = (),
) -> "Explorer | TraceExplorer":
    """Look at a run, a sweep, what was found of one, or traces, by moving controls: no code.

    For a cell of JupyterLab or Notebook 7. Of runs the verdict follows the saving claimed; a
    tenant, a session, a stretch of latencies, quantiles or time is picked out in every picture at
    once; any request opens its timeline under both arms; and where the run has spans, what a change
    would save is predicted as its controls move. Of traces it lists the pairs of steps that never
    overlapped, to tick those that need not wait for each other, and predicts what that saves. Where
    there is no kernel a still picture stands.

    Args:
        thing: a run, several, a sweep as `load_sweep` gives it, the folder of either, what was
            found of one (`Findings`), a `Comparison`, which has its verdicts alone, or imported
            traces (`load_traces`) or their folder.
        threshold: the saving that is claimed, where the slider stands at first.
        statistic: which saving is told at first; None for the one that the verdict stands on. Of
            runs alone.
        seed: of the bootstrap.
        operation: of traces, whose steps are listed at first; by default the one that takes longest
            in all.
        clusters: attributes that traces keep, of what is resampled as a whole, such as a session.

    Raises:
        RunError: the run has no pair to compare, or one arm alone.
        SampleError: the threshold is none.
        TraceError: there is no such operation or attribute, or a tail policy chose the traces.
        TraceFileError: the file of steps cannot be used.
        FigureError: it is nothing that can be explored, or not by that.
    """
    check_threshold(threshold)
    check_seed(seed)
    from hhperf.show.look.explorer import Explorer  # noqa: PLC0415  (a kernel's, and only there)

    if (traces := _traces(thing)) is not None:
        return _of_traces(traces, operation, TraceAnswers(traces, tuple(clusters), seed), threshold)
    if operation is not None or clusters:
        raise FigureError("operation and clusters are of traces, and this is none")
    if isinstance(thing, Comparison):
        wish = Wish(threshold=threshold, statistic=statistic or thing.primary)
        return Explorer(JudgedAlone(thing), wish, thing._repr_html_())
    subjects = _subjects(thing, threshold, seed)
    findings = [each for subject in subjects for each in _findings(subject, threshold, seed)]
    answers = Answers.of(tuple(each.title for each in findings), tuple(findings))
    wish = Wish(threshold=threshold, statistic=statistic or findings[0].primary)
    return Explorer(answers, wish, still(subjects[0]))


def _traces(thing: object) -> TraceSet | None:
    if isinstance(thing, str | Path) and (Path(thing) / FACTS).is_file():
        return load_traces(thing)
    return thing if isinstance(thing, TraceSet) else None


def _of_traces(
    traces: TraceSet, operation: str | None, answers: TraceAnswers, threshold: float
) -> "TraceExplorer":
    from hhperf.show.look.trace_explorer import TraceExplorer  # noqa: PLC0415

    ticks = answers.filed(str(find_operation(traces, operation)), threshold)
    found, structure = answers.possible(ticks), answers.evidence(ticks.operation).structure
    return TraceExplorer(answers, ticks, still_traces(found, structure))


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
                " (hhperf.load_run), a sweep (hhperf.load_sweep), traces (hhperf.load_traces) or"
                " the folder of one"
            )


def _findings(subject: Subject, threshold: float, seed: int) -> list[Findings]:
    if isinstance(subject, SweepFindings):
        options = [(each.run, each.title) for each in subject.judged]
        return [
            Findings.of(run, title=title, threshold=threshold, seed=seed) for run, title in options
        ]
    return [subject] if isinstance(subject, Findings) else []
