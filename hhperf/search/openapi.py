"""What the service takes and answers, as an OpenAPI 3.1 description: `GET /openapi.json`.

The request is described by the model that reads it, and by what it checks beyond its fields. How
many numbers an embedding has is the database's: no schema says it, a text does.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from hhperf import __version__
from hhperf.search.http import ID_LENGTH
from hhperf.search.model import NOTHING_TO_SEARCH, SearchRequest
from hhperf.search.provider import REQUEST_ID_HEADER, TENANT_HEADER

ADDRESS = "/openapi.json"

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_OBJECT: Schema = {"type": "object"}
_VISIBLE: Schema = {"type": "string", "minLength": 1, "maxLength": ID_LENGTH, "pattern": "^[!-~]+$"}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(kind: str) -> Schema:
    return {"type": [kind, "null"]}


_RESULT = _object(
    candidateId=_TEXT,
    score=_NUMBER,
    vectorScore=_NUMBER,
    textScore=_NUMBER,
    rrfScore=_NUMBER,
    vectorRank=_or_null("integer"),
    textRank=_or_null("integer"),
    confidence=_or_null("number"),
    fullName=_TEXT,
    title=_or_null("string"),
    headline=_or_null("string"),
    location=_or_null("string"),
    country=_or_null("string"),
    industries=_list(_TEXT),
    yearsExperience=_or_null("number"),
    skills=_list(_object(name=_TEXT, weight=_NUMBER)),
    matchReasons=_list(_TEXT),
    signalScores={"type": "object", "additionalProperties": _NUMBER},
)
_SEARCHED_FOR: Schema = {
    "anyOf": [
        {"required": ["query"], "properties": {"query": {"pattern": r"\S"}}},
        {"required": ["jobDescription"], "properties": {"jobDescription": {"pattern": r"\S"}}},
        {"required": ["embedding"], "properties": {"embedding": {"minItems": 8}}},
    ],
}
"""What the model checks after its fields: that there is something to search for."""

_FOUND = _object(
    results=_list(_RESULT),
    total=_COUNT,
    totalFound=_COUNT,
    cacheHit={"type": "boolean"},
    requestId=_TEXT,
    timings={"type": "object", "additionalProperties": _NUMBER},
    metadata=_OBJECT,
)
_FAILED = {
    "type": "object",
    "properties": {"error": _TEXT, "field": _TEXT, "requestId": _TEXT},
    "required": ["error", "requestId"],
}
_HEALTH = _object(arm=_TEXT)


@cache
def description(path: str) -> Schema:
    """The whole description.

    Args:
        path: where searches are sent.
    """
    request = SearchRequest.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = request.pop("$defs", {})
    request |= _SEARCHED_FOR
    return {
        "openapi": "3.1.0",
        "info": {"title": "hhperf: the search under study", "version": __version__},
        "paths": {
            path: {"post": _search()},
            "/health": {
                "get": {
                    "summary": "Whether every part answers.",
                    "responses": {
                        "200": _answer("Every part that a search needs answers.", _HEALTH),
                        "503": _answer("One does not.", _HEALTH),
                    },
                }
            },
        },
        "components": {"schemas": {**parts, "SearchRequest": request}},
    }


def _search() -> Schema:
    return {
        "summary": "Search candidates.",
        "description": f"{NOTHING_TO_SEARCH} An embedding has 8 to 4096 numbers, as the database"
        " has. Whoever wants no stored answer sends `Cache-Control: no-cache`.",
        "parameters": [
            {"name": TENANT_HEADER, "in": "header", "required": True, "schema": _VISIBLE},
            {"name": REQUEST_ID_HEADER, "in": "header", "schema": _VISIBLE},
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/SearchRequest"}}
            },
        },
        "responses": {
            "200": _answer("Who was found, best first.", _FOUND),
            "400": _answer("The request cannot be searched for; the field is named.", _FAILED),
            "503": _answer("A part that the search needs does not answer.", _FAILED),
        },
    }


def _answer(text: str, schema: Schema) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema}}}
