"""The key of the embedded data."""

from pathlib import Path
from typing import Any

import pytest

from hhperf.errors import SettingsError
from hhperf.search.settings import Settings
from hhperf.stack import made_of
from hhperf.stack.made_of import Corpus, build_key
from hhperf.workload.shipped import data_dir


@pytest.mark.parametrize(
    "changed",
    [
        {"pgvector_schema": "other"},
        {"pgvector_profiles_table": "people"},
        {"pgvector_embeddings_table": "vectors"},
        {"pgvector_dimensions": 512},
    ],
)
def test_the_key_changes_with_the_settings_that_shape_the_data(changed: dict[str, Any]) -> None:
    """Names and dimensions."""
    assert build_key(Settings(**changed), Corpus()) != build_key(Settings(), Corpus())


@pytest.mark.parametrize("corpus", [Corpus(60), Corpus(seed=1)])
def test_the_key_changes_with_the_corpus(corpus: Corpus) -> None:
    """How many, and which."""
    assert build_key(Settings(), corpus) != build_key(Settings(), Corpus())


def test_the_key_stays_with_settings_that_do_not_shape_the_data() -> None:
    """Time-outs and addresses leave the data as it is."""
    other = Settings(redis_host="elsewhere", pgvector_statement_timeout_ms=1)
    assert build_key(other, Corpus()) == build_key(Settings(), Corpus())


def test_the_key_changes_with_a_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A byte in a file that the data is made from."""
    source = tmp_path / "taxonomy.tsv"
    monkeypatch.setattr(made_of, "_sources", lambda: [source])
    source.write_text("a")
    before = build_key(Settings(), Corpus())
    source.write_text("b")
    assert build_key(Settings(), Corpus()) != before


def test_every_source_is_there() -> None:
    """Vocabulary, taxonomy and code."""
    sources = made_of._sources()
    assert all(path.is_file() for path in sources)
    assert {data_dir() / "taxonomy.tsv", *(data_dir() / "vocabulary").iterdir()} <= set(sources)
    assert {"schema.py", "build.py", "embedder.py", "draw.py"} <= {path.name for path in sources}


def test_the_environment_says_how_many_people_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody else does."""
    monkeypatch.setenv("HHPERF_CANDIDATES", "300")
    assert (Corpus().candidates, Corpus(7).candidates) == (300, 7)


def test_a_number_of_people_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named."""
    monkeypatch.setenv("HHPERF_CANDIDATES", "many")
    with pytest.raises(SettingsError, match="HHPERF_CANDIDATES is 'many'"):
        Corpus()
