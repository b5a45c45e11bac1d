"""A report as Markdown: a comment for a pull request, or a page beside its pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hhperf.show.analysis_tables import gates_table
from hhperf.show.card import Card, Table
from hhperf.show.report.provenance import data_note, facts_table, recording_command
from hhperf.show.report.text import as_code, in_markdown
from hhperf.show.report.words import headline, method_of
from hhperf.show.subject import Subject

LONGEST_COMMENT = 65_536
"""Characters that GitHub takes for one comment."""


def to_comment(subjects: Sequence[Subject], command: str) -> str:
    """Short: the verdict, the savings and the gates not passed; all else folded away.

    Args:
        subjects: one or more.
        command: what made the comment.
    """
    parts = [f"**{in_markdown(headline(subjects))}**"]
    for each in subjects:
        if len(subjects) > 1:
            parts += [f"#### {in_markdown(each.title)}", in_markdown(each.verdict)]
        parts.append(_table(each.decisive))
        if each.missed_gates:
            parts += ["**Gates not passed**", _rows(gates_table(each.missed_gates))]
        parts.append(_folded("Details", _details(each)))
    return _within(parts, _foot(subjects, command))


def to_page(
    subjects: Sequence[Subject],
    command: str,
    pictures: Mapping[str, str] | None = None,
    overview: Table | None = None,
) -> str:
    """All of it: every table and sentence, under headings.

    Args:
        subjects: one or more.
        command: what made the page.
        pictures: where the picture of a subject lies, by its title, relative to the page.
        overview: of all of them, before everything else.
    """
    parts = ["# hhperf report", *([_table(overview)] if overview else [])]
    for each in subjects:
        parts += [f"## {in_markdown(each.title)}", f"**{in_markdown(each.verdict)}**"]
        if pictures and each.title in pictures:
            parts.append(f"![{in_markdown(each.verdict)}](<{pictures[each.title]}>)")
        parts += [_card(card, "###") for card in each.cards]
        parts += ["### Versions and seeds", _made_again(each)]
    said = map(in_markdown, method_of(subjects))
    return "\n\n".join([*parts, "## Method in short", *said, *_foot(subjects, command)]) + "\n"


def _details(subject: Subject) -> str:
    """All but the table of savings, which stands above."""
    shown = subject.decisive
    others = (
        replace(card, tables=tuple(each for each in card.tables if each != shown))
        for card in subject.cards
    )
    return "\n\n".join([*(_card(each, "#####") for each in others), _made_again(subject)])


def _card(card: Card, level: str) -> str:
    said = [in_markdown(sentence) for sentence in card.sentences]
    return "\n\n".join([f"{level} {card.title}", *said, *map(_table, card.tables)])


def _made_again(subject: Subject) -> str:
    metadata = subject.records[0]
    again = recording_command(subject.records)
    said = [f"A run like this one is recorded by {as_code(again)}."] if again else []
    return "\n\n".join([*said, _table(facts_table(metadata, subject.seed))])


def _foot(subjects: Sequence[Subject], command: str) -> list[str]:
    notes = dict.fromkeys(data_note(each.records[0]) for each in subjects)
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
