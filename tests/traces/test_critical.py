"""Critical paths, against what an independent implementation finds."""

import json
from collections import Counter
from pathlib import Path

import pytest

from hhperf.traces.calls import find_operation
from hhperf.traces.critical import children_of, critical_shares, critical_times
from hhperf.traces.families import link
from hhperf.traces.span_columns import SpanColumns
from hhperf.traces.trace_import import read_spans
from tests.traces.made import call, imported, message

PUBLISHED = sorted((Path(__file__).parent / "published").glob("crisp-*.json"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_traces_have_the_path_that_is_published_with_them(
    path: Path, tmp_path: Path
) -> None:
    """Each operation's own time on the path, as CRISP finds it; clocks as they are."""
    with SpanColumns(tmp_path / "spans.arrow", ()) as written:
        for row in read_spans(path):
            written.add(row)
    columns, texts = written.read(), written.words.texts
    families = link(columns)
    start, end, awaited, service, operation = (
        columns[name][families.rows]
        for name in ("start_ns", "end_ns", "awaited", "service", "operation")
    )
    found: Counter[str] = Counter()
    children = children_of(families.parent, awaited)
    for span, own in critical_times(0, children, start, end).items():
        found[f"[{texts[service[span]]}] {texts[operation[span]]}"] += own // 1_000
    expected = json.loads(path.read_text(encoding="utf-8"))["testing"]["opTimeExclusive"]
    assert dict(found) == expected


def test_there_are_as_many_as_the_claim_says() -> None:
    """Twenty and more."""
    assert len(PUBLISHED) == 22


def test_shares_add_up_and_name_services(tmp_path: Path) -> None:
    """What overlapped and ended earlier has none."""
    steps = (("fetch", 0, 60), ("side", 0, 50), ("rank", 60, 90))
    traces = imported(tmp_path, message(call(1, steps, 100.0)))
    shares = critical_shares(traces, find_operation(traces))
    assert {each.name: each.share for each in shares} == pytest.approx(
        {"shop fetch": 0.6, "shop rank": 0.3, "shop GET /search": 0.1}
    )
