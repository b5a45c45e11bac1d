"""The description of the service, against what the service does."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator

from hhperf.errors import RequestError
from hhperf.search.model import Filters, SearchRequest
from hhperf.search.openapi import ADDRESS, description
from hhperf.search.service import PATH
from hhperf.stack.stack import Stack
from tests.search.conftest import Arms


def test_every_field_of_a_request_is_described() -> None:
    """By its name on the wire, those of filters too."""
    schemas = description(PATH)["components"]["schemas"]
    assert set(schemas["SearchRequest"]["properties"]) == SearchRequest.names()
    assert set(schemas["Filters"]["properties"]) == Filters.names()


def test_every_schema_is_one() -> None:
    """OpenAPI 3.1 takes JSON Schema as it is."""
    told = description(PATH)
    answers = told["paths"][PATH]["post"]["responses"].values()
    for each in answers:
        Draft202012Validator.check_schema(each["content"]["application/json"]["schema"])
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"query": "java"}, True),
        ({"jobDescription": "java"}, True),
        ({"embedding": [0.5] * 8}, True),
        ({"query": " "}, False),
        ({"embedding": [0.5] * 7}, False),
        ({"limit": 10}, False),
    ],
    ids=str,
)
def test_something_to_search_for_is_described_as_it_is_checked(
    body: dict[str, object], fits: bool
) -> None:
    """By the schema and by the model alike."""
    schemas = description(PATH)["components"]["schemas"]
    # The only reference is that of the filters.
    request = {**schemas["SearchRequest"], "components": {"schemas": schemas}}
    assert Draft202012Validator(request).is_valid(body) is fits
    if fits:
        assert SearchRequest.from_wire(body)
    else:
        with pytest.raises(RequestError):
            SearchRequest.from_wire(body)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def client(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that runs the parallel arm."""
    async with AsyncExitStack() as opened:
        arms = Arms(stack.endpoints, opened)
        yield await arms.client(await arms.engine("parallel"))


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "desenvolvedor java", "includeDebug": True}, 200),
        ({"query": "python", "filters": {"countries": ["BR"], "minExperienceYears": 3}}, 200),
        ({"query": "python", "limit": 0}, 400),
        ({"query": " "}, 400),
        ([], 400),
    ],
    ids=["with debug", "with filters", "out of bounds", "nothing to search", "no object"],
)
async def test_answers_are_as_they_are_described(
    client: httpx.AsyncClient, body: object, status: int
) -> None:
    """Searches that were found, and those that could not be searched for."""
    told = (await client.get(ADDRESS)).json()
    response = await client.post(PATH, json=body)
    assert response.status_code == status
    answer = told["paths"][PATH]["post"]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(response.json())


@pytest.mark.asyncio(loop_scope="session")
async def test_health_is_told_as_it_is_described(client: httpx.AsyncClient) -> None:
    """Of a service whose parts answer."""
    told = (await client.get(ADDRESS)).json()["paths"]["/health"]["get"]["responses"]
    response = await client.get("/health")
    schema = told[str(response.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(response.json())
