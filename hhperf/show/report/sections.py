"""What a report says of each run or sweep, in reading order, before it has a form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Gate, Verdict
from hhperf.show.analysis_cards import per_request_table
from hhperf.show.card import Table
from hhperf.show.findings import Findings
from hhperf.show.report.pictures import (
    Picture,
    latency_pictures,
    savings_pictures,
    stage_pictures,
    sweep_response_pictures,
    sweep_savings_pictures,
)
from hhperf.show.sentences import explanation, floor_sentence, path_sentence
from hhperf.show.subjects import Subject
from hhperf.show.sweep_findings import SweepFindings
from hhperf.show.why_cards import schedule_table, stages_table
from hhperf.shown import percent
from hhperf.verdict.sweeps import rate

GATES = "Validity gates"
NO_GATE_FAILED = "Every validity gate was passed."


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a section under a heading of its own; sentences stand before tables."""

    heading: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """All about one run or sweep.

    Attributes:
        title: what it is about.
        verdict: the word; None for a sweep whose loads differ in theirs.
        sentence: the verdict in one sentence.
        short: the verdict in a few words, with its number.
        savings: the table that the verdict is read from.
        parts: everything, in reading order.
        failed_gates: of the run, or of any load, as rows.
    """

    title: str
    verdict: Verdict | None
    sentence: str
    short: str
    savings: Table
    parts: tuple[Part, ...]
    failed_gates: tuple[tuple[str, ...], ...] = ()


def section_of(subject: Subject) -> Section:
    """What is said of a run or a sweep."""
    return _of_sweep(subject) if isinstance(subject, SweepFindings) else _of_run(subject)


def headline(sections: Sequence[Section], threshold: float) -> str:
    """The verdicts of all sections in one sentence."""
    if len(sections) == 1:
        return sections[0].sentence
    held = sum(each.verdict is Verdict.EXCEEDS for each in sections)
    many = f"{held} of {len(sections)}" if held else f"none of {len(sections)}"
    many = f"all {held}" if held == len(sections) else many
    names = short_titles([each.title for each in sections])
    told = "; ".join(f"{each.short} ({name})" for name, each in zip(names, sections, strict=True))
    return f"More than the {percent(threshold)} claimed is saved in {many} runs: {told}."


def short_titles(titles: Sequence[str]) -> list[str]:
    """What tells titles apart: without the parts, between commas, that all of them have."""
    parts = [title.split(", ") for title in titles]
    shared = set.intersection(*map(set, parts))
    own = [", ".join(part for part in each if part not in shared) for each in parts]
    return own if all(own) else list(titles)


def _of_run(findings: Findings) -> Section:
    comparison = findings.comparison
    return Section(
        title=findings.title,
        verdict=comparison.verdict,
        sentence=findings.verdict,
        short=f"{comparison.verdict}, {_saving(comparison)}",
        savings=findings.savings,
        parts=tuple(_run_parts(findings)),
        failed_gates=tuple(gate_row(gate) for gate in comparison.gates if not gate.passed),
    )


def _run_parts(findings: Findings) -> Iterator[Part]:
    path, found, floor = findings.path, findings.per_request, findings.run.metadata.floor
    yield Part(
        "Savings",
        sentences=(path_sentence(path),) if path else (),
        tables=(findings.savings, *((per_request_table(found),) if found else ())),
        pictures=tuple(savings_pictures(findings)),
    )
    yield Part(
        "Latencies",
        sentences=(floor_sentence(floor),) if floor else (),
        tables=(findings.latencies,),
        pictures=tuple(latency_pictures(findings)),
    )
    if findings.breakdown is not None:
        yield Part(
            "Where the time goes",
            sentences=tuple(explanation(findings.breakdown)),
            tables=(stages_table(findings.breakdown), schedule_table(findings.breakdown)),
            pictures=tuple(stage_pictures(findings.run, findings.breakdown)),
        )
    yield Part(
        GATES,
        sentences=(_gates_sentence(findings.comparison),),
        tables=(gates_table([gate_row(gate) for gate in findings.comparison.gates]),),
    )
    yield Part("Conditions", sentences=(findings.conditions, *findings.notes))


def _of_sweep(findings: SweepFindings) -> Section:
    verdicts = {verdict for _, verdict in findings.verdicts}
    failed = tuple(
        (f"{gate.name}, at {rate(point.offered_hz)}/s", *gate_row(gate)[1:])
        for point, gate in findings.gates
        if not gate.passed
    )
    verdict = verdicts.pop() if len(verdicts) == 1 else None
    return Section(
        title=findings.title,
        verdict=verdict,
        sentence=findings.verdict,
        short="depends on the load" if verdict is None else f"{verdict} at every load",
        savings=findings.savings[0],
        parts=tuple(_sweep_parts(findings, failed)),
        failed_gates=failed,
    )


def _sweep_parts(findings: SweepFindings, failed: tuple[tuple[str, ...], ...]) -> Iterator[Part]:
    floor = findings.run.metadata.floor
    yield Part(
        "Savings by load",
        sentences=findings.explanation,
        tables=findings.savings,
        pictures=tuple(sweep_savings_pictures(findings)),
    )
    yield Part(
        "Response times and capacity",
        sentences=(floor_sentence(floor),) if floor else (),
        tables=(findings.capacity, *findings.responses),
        pictures=tuple(sweep_response_pictures(findings)),
    )
    total = len(findings.gates)
    said = f"{total - len(failed)} of {total} gates were passed, over all loads."
    yield Part(GATES, sentences=(said,), tables=(gates_table(failed),) if failed else ())
    yield Part("Conditions", sentences=(findings.conditions, *findings.notes))


def gate_row(gate: Gate) -> tuple[str, ...]:
    """A gate as a row that begins with its name."""
    return gate.name, "pass" if gate.passed else "FAIL", gate.figure, gate.limit


def gates_table(rows: Sequence[tuple[str, ...]]) -> Table:
    """Gates under their headings, each named first."""
    return Table(GATES, ("gate", "result", "figure", "limit"), tuple(rows), numeric=False)


def _saving(comparison: Comparison) -> str:
    result = comparison[comparison.primary]
    return f"{percent(result.estimate.point)} at {result.statistic}"


def _gates_sentence(comparison: Comparison) -> str:
    failed = sum(not gate.passed for gate in comparison.gates)
    if not failed:
        return NO_GATE_FAILED
    return f"{failed} of {len(comparison.gates)} gates failed, so no number here has a verdict."
