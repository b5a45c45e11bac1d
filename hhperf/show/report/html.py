"""A report as one HTML page that needs nothing beside itself: no script, no file, no network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hhperf import __version__
from hhperf.analysis.decision import Verdict
from hhperf.show.card import Picture, Table
from hhperf.show.report.provenance import credits_of, data_note, facts_table, recording_command
from hhperf.show.report.svg import to_svg
from hhperf.show.report.text import visible
from hhperf.show.report.words import headline, method_of, question
from hhperf.show.subject import Subject

TONES = frozenset({*map(str, Verdict), "FAIL"})
"""Cells that have a colour of their own."""


@dataclass(frozen=True, slots=True)
class Source:
    """How one run came about; of the second and later runs only the facts that are others."""

    title: str
    command: str | None
    facts: Table | None


def to_html(subjects: Sequence[Subject], command: str, overview: Table | None = None) -> str:
    """The page on some runs and sweeps, the verdict first.

    Args:
        subjects: one or more.
        command: what made the page.
        overview: of all of them, after the verdict.
    """
    records = [each.records[0] for each in subjects]
    words = {each.word for each in subjects}
    return _environment().get_template("report.html").render(
        question=question(subjects),
        headline=headline(subjects),
        tone=str(words.pop() or "").lower() if len(words) == 1 else "",
        subjects=subjects,
        overview=overview,
        data_notes=list(dict.fromkeys(map(data_note, records))),
        method=method_of(subjects),
        command=command,
        sources=_sources(subjects),
        credits=list(dict.fromkeys(each for record in records for each in credits_of(record))),
        version=__version__,
    )  # fmt: skip


def _sources(subjects: Sequence[Subject]) -> list[Source]:
    first, *others = [facts_table(each.records[0], each.seed) for each in subjects]
    tables = [first, *(_without(each, first) for each in others)]
    return [
        Source(each.title, recording_command(each.records), table)
        for each, table in zip(subjects, tables, strict=True)
    ]


def _without(table: Table, other: Table) -> Table | None:
    rows = tuple(row for row in table.rows if row not in other.rows)
    title = f"{table.title}, where they differ from the first"
    return replace(table, title=title, rows=rows) if rows else None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hhperf.show.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    environment.filters |= {"drawn": _drawn, "host": _host, "breakable": _breakable}
    environment.tests["tone"] = TONES.__contains__
    return environment


def _shown(value: object) -> object:
    """What is text gets its hidden characters written out, before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _drawn(picture: Picture, number: int) -> Markup:
    figure = picture.figure()
    caption = " ".join(figure.get_supxlabel().split())
    figure.supxlabel("")
    drawn = to_svg(figure, f"run-{number}-{picture.name}", visible(picture.label))
    said = Markup("<figcaption>{}</figcaption>").format(visible(caption)) if caption else Markup()
    return drawn + said


def _breakable(cell: str) -> Markup:
    """A cell that may end its line after an underscore."""
    return Markup("_<wbr>").join(visible(cell).split("_"))


def _host(link: str) -> str:
    return urlsplit(link).hostname or link
