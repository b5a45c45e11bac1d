"""What a query log says of itself."""

from pathlib import Path

from hhperf.show.card import Card, Table, card_of
from hhperf.shown import clipped, counted, duration
from hhperf.workload.importers.importing import Imported
from hhperf.workload.query_log import LoggedRequest, LogSummary, QueryLog, summarise

FIRST = 5
MOST_SUMMARISED = 50_000
"""Requests up to which a log is summed up when it is shown; beyond it takes more than a moment."""


def requests_table(log: QueryLog) -> Table:
    """The first requests, and how many more there are."""
    rows = tuple(
        (each.request_id, f"{each.offset_s:.3f}", each.tenant, _asked(each))
        for each in log.requests[:FIRST]
    )
    columns = ("request", "at, s", "tenant", "asks for")
    title = "First requests" if len(log) > len(rows) else "Requests"
    words = ("tenant", "asks for")
    return Table(title, columns, rows, words=words, more=len(log) - len(rows))


@card_of.register
def log_card(log: QueryLog) -> Card:
    """What is in a log, and its first requests."""
    facts: tuple[tuple[str, str], ...] = (("requests", _requests(log)),)
    if 0 < len(log) <= MOST_SUMMARISED:
        facts = _summary_facts(summarise(log))
    return Card(
        title=f"Query log {Path(log.source).name}",
        facts=facts,
        tables=(requests_table(log),) if len(log) else (),
        warnings=_warnings(log),
    )


@card_of.register
def summary_card(summary: LogSummary) -> Card:
    """The figures of a log."""
    skipped = (_skipped(summary.skipped),) if summary.skipped else ()
    warnings = (*skipped, *summary.changes)
    return Card("Summary of a query log", facts=_summary_facts(summary), warnings=warnings)


@card_of.register
def imported_card(imported: Imported) -> Card:
    """A log with what became of the lines it was made from."""
    log = imported.log
    ignored = ("lines ignored", f"{imported.ignored:,} that are no search, or tell of one again")
    return Card(
        title=f"Imported from {Path(log.source).name}",
        facts=(*_summary_facts(imported.summary), ignored),
        tables=(requests_table(log),),
        warnings=_warnings(log),
    )


def _requests(log: QueryLog) -> str:
    return f"{len(log):,} over {duration(log.span_s)}"


def _summary_facts(summary: LogSummary) -> tuple[tuple[str, str], ...]:
    busiest = ", ".join(f"{name} {count:,}" for name, count in [*summary.tenants.items()][:3])
    return (
        ("requests", f"{summary.requests:,} over {duration(summary.span_s)}"),
        ("rate", f"{summary.rate_hz:.3g}/s, at most {summary.peak_hz:.3g} within a second"),
        (
            "gaps",
            f"median {duration(summary.gap_p50_s)}, p99 {duration(summary.gap_p99_s)},"
            f" longest {duration(summary.longest_gap_s)}; variation {summary.gap_variation:.2f}"
            " (Poisson: 1)",
        ),
        (
            "repeated",
            f"{summary.repeated:.1%} of requests; {summary.distinct_texts:,} distinct texts",
        ),
        ("tenants", f"{len(summary.tenants):,} ({busiest})"),
        ("sessions", f"{summary.sessions:,}" if summary.sessions else "not known"),
    )


def _warnings(log: QueryLog) -> tuple[str, ...]:
    said = []
    if log.skipped:
        said.append(_skipped(log.skipped))
    if log.reordered:
        said.append(f"{counted(log.reordered, 'request')} stood after a later one and moved")
    return (*said, *log.unknown_told, *log.changes)


def _skipped(count: int) -> str:
    return f"{counted(count, 'line')} could not be read and were left out"


def _asked(request: LoggedRequest) -> str:
    texts = (str(request.body.get(name) or "") for name in ("query", "jobDescription"))
    return clipped(next((text for text in texts if text.strip()), "(no text)"), 80)
