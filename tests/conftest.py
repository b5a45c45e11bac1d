"""What every test may use: one embedded stack with a small corpus, kept between sessions."""

from collections.abc import Iterator

import pytest

from hhperf.stack import Corpus, Stack

SMALL = Corpus(candidates=2_000)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The embedded stack over 2,000 candidates; built once into the cache directory."""
    with Stack(corpus=SMALL) as started:
        yield started
