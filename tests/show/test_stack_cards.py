"""What a stack says of itself."""

from hhperf.search.settings import Settings
from hhperf.show.stack_cards import stack_card
from hhperf.stack.stack import Stack


def test_a_stack_that_was_not_started_says_so() -> None:
    """Without asking anyone."""
    stack = Stack(Settings(pgvector_host="db.internal"))
    assert repr(stack) == "Stack(not started, providers, redis embedded)"


def test_a_stack_shows_its_parts(stack: Stack) -> None:
    """Each with what it says of itself."""
    card = stack_card(stack)
    assert (card.badge, card.warnings) == ("started", ())
    assert [row[0] for row in card.tables[0].rows] == ["postgres", "redis", "embedding", "rerank"]
    assert repr(stack) == "Stack(started, postgres, providers, redis embedded)"


def test_a_part_that_does_not_answer_says_why() -> None:
    """Where it is shown, and as a warning; the password is nowhere."""
    settings = Settings(
        pgvector_host="127.0.0.1", pgvector_port=9, pgvector_password="geheim",
        redis_host="127.0.0.1", redis_port=9, redis_password="geheim",
        embed_service_url="http://127.0.0.1:9", rerank_service_url="http://127.0.0.1:9",
    )  # fmt: skip
    with Stack(settings) as stack:
        html = stack._repr_html_()
    assert html.count("external") == 4
    assert html.count("<li>") == 4
    assert "geheim" not in html
