"""Requests are checked field by field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import RequestError
from hhperf.search.model import NOTHING_TO_SEARCH, SearchRequest


def deep(levels: int) -> dict[str, Any]:
    """An object in an object in an object."""
    return {"a": deep(levels - 1)} if levels else {}


def field_refused(body: object) -> str | None:
    """The field that the request is refused for."""
    with pytest.raises(RequestError) as caught:
        SearchRequest.from_wire(body)
    return caught.value.field


def test_defaults() -> None:
    """A query alone is enough: 20 results from the first one."""
    request = SearchRequest.from_wire({"query": "java"})
    assert (request.limit, request.offset, request.role_type) == (20, 0, "default")
    assert not request.include_debug


@pytest.mark.parametrize(
    "body",
    [
        {"query": "x" * 6_000},
        {"jobDescription": "x" * 20_000},
        {"embedding": [0.5] * 8},
        {"embedding": [1] * 4_096},
        {"query": "x", "embedding": []},
        {"query": "x", "jdHash": "x" * 8},
        {"query": "x", "jdHash": "x" * 64},
        {"query": "x", "limit": 1, "offset": 200},
        {"query": "x", "limit": 200, "offset": 0},
        {"query": "x", "filters": {"minExperienceYears": 0, "maxExperienceYears": 60.0}},
        {"query": "x", "filters": {"metadata": deep(32)}},
        {"query": "x", "roleType": "executive", "includeDebug": True},
        {"query": "x", "enableNlp": False, "signalWeights": {"skills": 1}, "anonymizedView": True},
    ],
)
def test_bounds_are_inside(body: dict[str, Any]) -> None:
    """The largest and smallest values named are allowed, and come back as they were."""
    request = SearchRequest.from_wire(body)
    assert SearchRequest.from_wire(request.to_wire()) == request


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"query": "x" * 6_001}, "query"),
        ({"query": None}, "query"),
        ({"query": ["x"]}, "query"),
        ({"query": "\ud800"}, "query"),
        ({"jobDescription": "x" * 20_001}, "jobDescription"),
        ({"embedding": [0.5] * 7}, "embedding"),
        ({"embedding": [0.5] * 4_097}, "embedding"),
        ({"embedding": [0.5] * 7 + ["0.5"]}, "embedding.7"),
        ({"embedding": [0.5] * 7 + [True]}, "embedding.7"),
        ({"embedding": [0.5] * 7 + [float("nan")]}, "embedding.7"),
        ({"embedding": "0.5"}, "embedding"),
        ({"query": "x", "jdHash": "x" * 7}, "jdHash"),
        ({"query": "x", "jdHash": "x" * 65}, "jdHash"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 201}, "limit"),
        ({"query": "x", "limit": 2.5}, "limit"),
        ({"query": "x", "limit": True}, "limit"),
        ({"query": "x", "limit": "20"}, "limit"),
        ({"query": "x", "offset": -1}, "offset"),
        ({"query": "x", "offset": 201}, "offset"),
        ({"query": "x", "includeDebug": "yes"}, "includeDebug"),
        ({"query": "x", "roleType": "boss"}, "roleType"),
        ({"query": "x", "enableNlp": "yes"}, "enableNlp"),
        ({"query": "x", "signalWeights": {"skills": "much"}}, "signalWeights.skills"),
        ({"query": "x", "filters": []}, "filters"),
        ({"query": "x", "filters": {"skills": "java"}}, "filters.skills"),
        ({"query": "x", "filters": {"skills": [1]}}, "filters.skills.0"),
        ({"query": "x", "filters": {"minExperienceYears": -1}}, "filters.minExperienceYears"),
        ({"query": "x", "filters": {"maxExperienceYears": 61}}, "filters.maxExperienceYears"),
        ({"query": "x", "filters": {"maxExperienceYears": "5"}}, "filters.maxExperienceYears"),
        ({"query": "x", "filters": {"metadata": []}}, "filters.metadata"),
        ({"query": "x", "filters": {"metadata": {"a": float("inf")}}}, "filters.metadata"),
        ({"query": "x", "filters": {"metadata": {"a": 10**5_000}}}, "filters.metadata"),
        ({"query": "x", "filters": {"metadata": deep(33)}}, "filters.metadata"),
        ({"query": "x", "filters": {"metadata": deep(900)}}, "filters.metadata"),
        ([], "body"),
        (None, "body"),
        ("java", "body"),
    ],
)
def test_the_field_is_named(body: object, field: str) -> None:
    """Whatever is wrong, the error carries the field's name on the wire."""
    assert field_refused(body) == field


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"query": "x"}, ()),
        ({"query": "x", "job_description": "y", "a": 1}, ("a", "job_description")),
        ({"query": "x", "filters": {"salary": 1, "skills": []}}, ("filters.salary",)),
        ({"query": "x", "unknown_fields": 1, "_unknown": 2}, ("_unknown", "unknown_fields")),
        ({"query": "x", "\ud800": 1}, ("?",)),
    ],
)
def test_unknown_fields_are_told(body: dict[str, Any], told: tuple[str, ...]) -> None:
    """They refuse nothing and change nothing, and their names can be printed."""
    request = SearchRequest.from_wire(body)
    assert request.unknown_fields == told
    assert request.to_wire() == {"query": "x"}


@pytest.mark.parametrize("blank", ["\n\t ", "\xa0", "\u3000", "\ufeff"])
def test_query_and_places_are_trimmed(blank: str) -> None:
    """Of everything blank in ECMAScript; a blank place is none, and skills stay as they are."""
    filters = {name: [f"{blank}x{blank}", blank] for name in ("locations", "countries", "skills")}
    request = SearchRequest.from_wire({"query": f"{blank}a b{blank}", "filters": filters})
    assert (request.query, request.filters.locations) == ("a b", ("x",))
    assert (request.filters.countries, len(request.filters.skills)) == (("x",), 2)


@pytest.mark.parametrize("body", [{}, {"query": " \n"}, {"jobDescription": ""}, {"embedding": []}])
def test_something_has_to_be_asked(body: dict[str, Any]) -> None:
    """Blank texts and an empty embedding ask for nothing."""
    with pytest.raises(RequestError, match=NOTHING_TO_SEARCH):
        SearchRequest.from_wire(body)


@pytest.mark.parametrize(
    ("body", "text", "role"),
    [
        ({"query": "java", "jobDescription": "we hire"}, "java", "we hire"),
        ({"query": " ", "jobDescription": "we hire"}, "we hire", "we hire"),
        ({"query": "java", "jobDescription": " "}, "java", "java"),
        ({"embedding": [1.0] * 8}, "", ""),
    ],
)
def test_which_text_is_meant(body: dict[str, Any], text: str, role: str) -> None:
    """Embedding and specialty go by the query first, reranking by the job description first."""
    request = SearchRequest.from_wire(body)
    assert (request.text, request.role) == (text, role)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 5_000, b'{"query": "\\ud800"}'],
    ids=["empty", "cut JSON", "no UTF-8", "too deep", "half a surrogate pair"],
)
def test_a_body_that_is_no_json(body: bytes) -> None:
    """What cannot be decoded is named as the body."""
    with pytest.raises(RequestError) as caught:
        SearchRequest.from_json(body)
    assert caught.value.field == "body"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["query", "jobDescription", "embedding", "jdHash", "filters", "limit", "offset", "roleType"]
)


@given(st.dictionaries(names, json_values, max_size=4) | json_values)
def test_any_json_is_taken_or_refused(body: object) -> None:
    """No JSON value raises anything but `RequestError`, and what is taken survives the wire."""
    try:
        request = SearchRequest.from_wire(body)
    except RequestError:
        return
    assert SearchRequest.from_wire(request.to_wire()).to_wire() == request.to_wire()


@given(st.dictionaries(names, json_values, max_size=4) | json_values)
def test_the_wire_and_decoded_json_are_read_alike(body: object) -> None:
    """A body is taken or refused for the same field, whether it comes as bytes or decoded."""
    outcomes: list[SearchRequest | str | None] = []
    for read, argument in (
        (SearchRequest.from_json, json.dumps(body).encode()),
        (SearchRequest.from_wire, body),
    ):
        try:
            outcomes.append(read(argument))  # type: ignore[arg-type]
        except RequestError as error:
            outcomes.append(error.field)
    from_json, from_wire = outcomes
    assert from_json in (from_wire, "body")  # the body, when a text holds half a surrogate
