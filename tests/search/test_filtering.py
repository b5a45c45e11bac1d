"""Which filters hold, and for whom."""

import pytest

from hhperf.search.filtering import filters_in_force, spared
from hhperf.search.model import Fused, SearchRequest
from hhperf.search.settings import Settings

MEANT, DEPLOYED = Settings(), Settings(search_as_deployed=True)
FUSED = [Fused(name, 0.1, similar, 0.2, 0.1, 1, 1) for name, similar in (("a", 0.25), ("b", 0.24))]


@pytest.mark.parametrize(
    ("filters", "countries"),
    [
        ({}, ("Brazil",)),
        ({"countries": [" "]}, ("Brazil",)),
        ({"countries": ["Chile"]}, ("Chile",)),
    ],
)
def test_the_country_of_a_job_description(
    filters: dict[str, list[str]], countries: tuple[str, ...]
) -> None:
    """It filters where the request asks for no country; a query never does."""
    body = {"query": "java", "jobDescription": "Vaga em Recife", "filters": filters}
    assert filters_in_force(SearchRequest.from_wire(body), MEANT).countries == countries
    assert not filters_in_force(SearchRequest.from_wire({"query": "Recife"}), MEANT).countries


def test_seniority_filters_nobody_as_deployed() -> None:
    """By default it does; the ranking sees it either way."""
    request = SearchRequest.from_wire({"query": "x", "filters": {"seniorityLevels": ["mid"]}})
    assert filters_in_force(request, MEANT).seniority_levels == ("mid",)
    assert filters_in_force(request, DEPLOYED).seniority_levels == ()
    assert request.filters.seniority_levels == ("mid",)


def test_who_is_spared() -> None:
    """By default nobody; as deployed whoever is similar enough, unless scores are weighted."""
    weighted = DEPLOYED.model_copy(update={"enable_rrf": False})
    assert spared(FUSED, MEANT) == spared(FUSED, weighted) == [False, False]
    assert spared(FUSED, DEPLOYED) == [True, False]
