"""Job descriptions tell their country."""

import pytest

from hhperf.search.countries import country_in


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Vaga em São Paulo", "Brazil"),
        ("vaga em SAO PAULO, presencial", "Brazil"),
        ("We are based in Austin and sell to Brazil", "United States"),
        ("Offices in New York and Recife", "Brazil"),
        ("Location: United States. Clients in Brasil.", "United States"),
        ("Remoto, empresa dos EUA", "United States"),
        ("A team in the U.S. with customers abroad", "United States"),
        ("A company from the USA", "United States"),
        ("quem usa Python", None),
        ("Join us in Lisboa", None),
        ("based in El Salvador", None),
        ("Recifense", None),
        ("", None),
    ],
)
def test_the_country_of_a_text(text: str, country: str | None) -> None:
    """Where it says it is comes before what it mentions, Brazil before the United States."""
    assert country_in(text) == country
