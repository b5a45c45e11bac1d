"""Words from outside, made safe to show."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.show.report.text import as_code, in_markdown, visible


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("engenheiro de dados", "engenheiro de dados"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x00b\ud800", "a\\u0000b\\ud800"),
        ("two\r\nlines", "two lines"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_cannot_be_seen_is_written_out(given_text: str, shown: str) -> None:
    """All else, whatever its script, stays as it is."""
    assert visible(given_text) == shown


@given(st.text())
def test_what_is_shown_can_be_stored(text: str) -> None:
    """UTF-8 and XML hold it, and it is one line."""
    shown = visible(text)
    shown.encode()
    assert not any(unicodedata.category(each) in {"Cc", "Cs"} for each in shown)


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("a|b", "a&#124;b"),
        ("<b>&", "&#60;b&#62;&#38;"),
        ("*x* `y` [z](u)", "&#42;x&#42; &#96;y&#96; &#91;z&#93;(u)"),
        ("NOT_MEASURABLE", "NOT_MEASURABLE"),
        ("_x_", "&#95;x&#95;"),
        ("@all", "@\u2060all"),
    ],
)
def test_markdown_has_no_markup_of_others(given_text: str, written: str) -> None:
    """Entities stand for what would be read as markup; a user is not called."""
    assert in_markdown(given_text) == written


@pytest.mark.parametrize(
    ("command", "written"),
    [("hhperf run", "`hhperf run`"), ("a `b` c", "`` a `b` c ``"), ("```", "```` ``` ````")],
)
def test_a_code_span_holds_backticks(command: str, written: str) -> None:
    """Its fence is longer than any inside."""
    assert as_code(command) == written
