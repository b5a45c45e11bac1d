"""Portuguese endings."""

import pytest

from hhperf.workload.corpus.phrases import inflect


@pytest.mark.parametrize(
    ("pattern", "feminine", "wanted"),
    [
        ("Engenheir{o/a} de Dados", True, "Engenheira de Dados"),
        ("Engenheir{o/a} de Dados", False, "Engenheiro de Dados"),
        ("Desenvolvedor{/a} em {city}", True, "Desenvolvedora em {city}"),
        ("Data Engineer", True, "Data Engineer"),
    ],
)
def test_endings_follow_gender(pattern: str, feminine: bool, wanted: str) -> None:
    """Endings are chosen; other braces are left for later."""
    assert inflect(pattern, feminine=feminine) == wanted
