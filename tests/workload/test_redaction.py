"""Logs that tell nothing of who asked for what, and repeat as before."""

import json
import re
from typing import Any

import pytest

from hhperf.errors import RedactionError
from hhperf.pseudonyms import Pseudonyms
from hhperf.search.model import Filters, SearchRequest
from hhperf.workload.query_log import LoggedRequest, QueryLog, summarise
from hhperf.workload.redacted_names import FILTERS, PLAIN, Kept
from hhperf.workload.redaction import _HIDE, Redaction, redacted

HIDDEN = Pseudonyms(b"k")
SECRET = "zanzibar"
EVERY_FIELD: dict[str, Any] = {
    "query": f"engineer {SECRET}-1",
    "jobDescription": f"{SECRET} seeks\nsomebody",
    "jdHash": SECRET * 2,
    "embedding": [0.5] * 8,
    "limit": 3,
    "offset": 1,
    "includeDebug": True,
    "roleType": "manager",
    "enableNlp": True,
    "anonymizedView": False,
    "signalWeights": {SECRET: 0.25},
    "note": SECRET,
    "filters": {
        "skills": [f"{SECRET} swahili"],
        "locations": [SECRET],
        "countries": [SECRET],
        "industries": [SECRET],
        "seniorityLevels": [SECRET],
        "minExperienceYears": 2,
        "maxExperienceYears": None,
        "metadata": {SECRET: [{"a": SECRET, "phone": 5511998877, "open": True}]},
        "skils": SECRET,
    },
}


def one(body: dict[str, Any]) -> QueryLog:
    request = LoggedRequest(f"r-{SECRET}", 0.0, f"{SECRET} inc", f"s-{SECRET}", body)
    return QueryLog((request,), f"{SECRET}.jsonl", unknown_fields={SECRET: 1})


def test_every_field_of_a_search_is_known() -> None:
    """A field that is added is dropped until somebody says what becomes of it."""
    assert {*PLAIN, *_HIDE, "filters"} == SearchRequest.names()
    assert FILTERS.keys() == Filters.names()


def test_no_word_or_identifier_is_left_in_any_field() -> None:
    """Nor in what the log says of itself, whatever it is."""
    assert EVERY_FIELD.keys() - {"note"} == SearchRequest.names()
    assert EVERY_FIELD["filters"].keys() - {"skils"} == Filters.names()
    log = redacted(one(EVERY_FIELD), Redaction(HIDDEN))
    written = log[0].to_json() + repr(log) + str(summarise(log)) + log.source
    assert not re.search(f"{SECRET}|engineer|swahili|somebody|phone|5511998877", written)
    assert not set(EVERY_FIELD["embedding"]) & set(log[0].body["embedding"])


def test_what_holds_no_words_stays() -> None:
    """And the service takes what comes out."""
    body = redacted(one(EVERY_FIELD), Redaction(HIDDEN))[0].body
    assert {name: body[name] for name in PLAIN} == {name: EVERY_FIELD[name] for name in PLAIN}
    assert body["filters"]["minExperienceYears"] == 2
    assert len(body["jdHash"]) == len(EVERY_FIELD["jdHash"])
    assert len(body["embedding"]) == 8
    assert list(body["signalWeights"].values()) == [0.25]
    assert SearchRequest.from_wire(body).unknown_fields == ()


def test_a_word_is_the_same_wherever_it_stands() -> None:
    """A skill that is asked for and filtered by stays one."""
    body = redacted(one({"query": "rust", "filters": {"skills": ["rust"]}}), Redaction())[0].body
    assert body["filters"]["skills"] == [body["query"]]


@pytest.mark.parametrize("name", ["tenant", "session", "request_id"])
def test_who_asked_stays_only_by_name(name: Any) -> None:
    """One that is kept does not keep the others."""
    log = one({"query": "a"})
    kept = redacted(log, Redaction(HIDDEN, keep=frozenset({name})))[0]
    same = {
        each
        for each in ("tenant", "session", "request_id")
        if getattr(kept, each) == getattr(log[0], each)
    }
    assert same == {name}


@pytest.mark.parametrize("name", sorted(_HIDE))
def test_a_field_of_the_body_stays_by_name(name: Any) -> None:
    """It alone."""
    body = redacted(one(EVERY_FIELD), Redaction(HIDDEN, keep=frozenset({name})))[0].body
    assert {each for each in _HIDE if body[each] == EVERY_FIELD[each]} == {name}


def test_filters_stay_one_by_one_or_all() -> None:
    """But for those that no search has."""
    filters = EVERY_FIELD["filters"]
    some = redacted(one(EVERY_FIELD), Redaction(HIDDEN, keep=frozenset({"skills"})))[0].body
    assert some["filters"]["skills"] == filters["skills"]
    assert SECRET not in json.dumps(some["filters"]["metadata"])
    every = redacted(one(EVERY_FIELD), Redaction(HIDDEN, keep=frozenset({"filters"})))[0].body
    assert every["filters"] == {name: each for name, each in filters.items() if name != "skils"}


def test_some_words_may_stay() -> None:
    """Such as the names of skills."""
    redaction = Redaction(HIDDEN, words=frozenset({"python"}))
    words = redacted(one({"query": "Python Souza"}), redaction)[0].body["query"].split()
    assert words[0] == "Python"
    assert words[1] != "Souza"


def test_an_unknown_name_to_keep_is_refused() -> None:
    """With those there are."""
    with pytest.raises(RedactionError, match="there is no field 'skils', use some of tenant, "):
        Redaction(keep=frozenset({"skils"}))


def test_the_summary_says_what_that_does_to_the_workload() -> None:
    """Of what was changed, and of that alone."""
    summary = summarise(redacted(one(EVERY_FIELD), Redaction(HIDDEN)))
    said = "\n".join(summary.lines())
    assert "redacted: filters of 1 request match nothing" in said
    assert "redacted: tenants of 1 request are pseudonyms: no database has candidates" in said
    every: frozenset[Kept] = frozenset({"tenant", "session", "request_id", "query"})
    assert summarise(redacted(one({"query": "a"}), Redaction(keep=every))).changes == ()
