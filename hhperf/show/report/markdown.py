"""A report as Markdown: a comment for a pull request, or a page beside its pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hhperf.show.card import Table
from hhperf.show.report.method import method_of
from hhperf.show.report.provenance import data_note, facts_table, recording_command
from hhperf.show.report.sections import Part, Section, gates_table, headline, section_of
from hhperf.show.report.text import as_code, in_markdown
from hhperf.show.subjects import Subject, records_of, threshold_of

LONGEST_COMMENT = 65_536
"""Characters that GitHub takes for one comment."""


def to_comment(subjects: Sequence[Subject], command: str) -> str:
    """Short: the verdict, the savings and the gates that failed; all else folded away.

    Args:
        subjects: one or more.
        command: what made the comment.
    """
    sections = [section_of(each) for each in subjects]
    parts = [f"**{in_markdown(headline(sections, threshold_of(subjects[0])))}**"]
    for section, subject in zip(sections, subjects, strict=True):
        parts += [*_titled(section, len(sections)), _table(section.savings), *_failed(section)]
        parts.append(_folded("Details", _details(section, subject)))
    return _within(parts, _foot(subjects, command))


def to_page(
    subjects: Sequence[Subject], command: str, pictures: Mapping[str, str] | None = None
) -> str:
    """All of it: every table and sentence, under headings.

    Args:
        subjects: one or more.
        command: what made the page.
        pictures: where the picture of a subject lies, by its title, relative to the page.
    """
    parts = ["# hhperf report"]
    for each in subjects:
        section = section_of(each)
        parts += [f"## {in_markdown(section.title)}", f"**{in_markdown(section.sentence)}**"]
        if pictures and each.title in pictures:
            parts.append(f"![{in_markdown(section.sentence)}](<{pictures[each.title]}>)")
        parts += [_part(part, "###") for part in section.parts]
        parts += ["### Versions and seeds", _made_again(each)]
    said = map(in_markdown, method_of(tuple(subjects)))
    return "\n\n".join([*parts, "## Method in short", *said, *_foot(subjects, command)]) + "\n"


def _titled(section: Section, count: int) -> list[str]:
    if count == 1:
        return []
    return [f"#### {in_markdown(section.title)}", in_markdown(section.sentence)]


def _failed(section: Section) -> list[str]:
    if not section.failed_gates:
        return []
    failed = gates_table(section.failed_gates)
    return ["**Gates that failed**", _rows(failed)]


def _details(section: Section, subject: Subject) -> str:
    """All but the table of savings, which stands above."""
    others = (
        replace(part, tables=tuple(each for each in part.tables if each != section.savings))
        for part in section.parts
    )
    return "\n\n".join([*(_part(part, "#####") for part in others), _made_again(subject)])


def _part(part: Part, level: str) -> str:
    said = [in_markdown(sentence) for sentence in part.sentences]
    return "\n\n".join([f"{level} {part.heading}", *said, *map(_table, part.tables)])


def _made_again(subject: Subject) -> str:
    metadata = subject.run.metadata
    again = recording_command(records_of(subject))
    said = [f"A run like this one is recorded by {as_code(again)}."] if again else []
    return "\n\n".join([*said, _table(facts_table(metadata, subject.seed))])


def _foot(subjects: Sequence[Subject], command: str) -> list[str]:
    notes = dict.fromkeys(data_note(each.run.metadata) for each in subjects)
    return [*map(in_markdown, notes), f"Made by {as_code(command)}."]


def _folded(summary: str, content: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def _within(parts: list[str], foot: list[str]) -> str:
    """Without the details where a comment would be too long to be taken."""
    whole = "\n\n".join([*parts, *foot]) + "\n"
    if len(whole) <= LONGEST_COMMENT:
        return whole
    return "\n\n".join([each for each in parts if not each.startswith("<details>")] + foot) + "\n"


def _table(table: Table) -> str:
    return f"**{in_markdown(table.title)}**\n\n{_rows(table)}"


def _rows(table: Table) -> str:
    return replace(
        table,
        columns=tuple(map(in_markdown, table.columns)),
        rows=tuple(tuple(map(in_markdown, row)) for row in table.rows),
    ).to_markdown()
