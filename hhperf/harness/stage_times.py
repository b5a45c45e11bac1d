"""What an HTTP answer says its stages took, without counting any time twice. Pure.

A service may tell sums beside their parts, call the whole search its cache's time, or repeat the
stored times of another search when it answers from a cache. Here each is told apart, by what cannot
be otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hhperf.harness.stage_table import RETRIEVAL, TOTAL, StageTable

CACHE = "cache"
SLACK_MS = 1.0
"""Services round their times, down or up."""

_LONGEST_MS = 1e9
_DURATION = re.compile(
    r"""^\s*([^\s;]+)\s*(?:;[^;]*)*?;\s*dur\s*=\s*"?([0-9]+(?:\.[0-9]+)?)""", re.IGNORECASE
)
_METRICS = re.compile(r"""(?:[^,"]|"(?:\\.|[^"\\])*")+""")
_CACHE_METRIC = re.compile(r"""^\s*cache\s*;(?:.*;)?\s*desc\s*=\s*"?(hit|miss)\b""", re.IGNORECASE)
_RESPONSE_TIME = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s)\s*$", re.IGNORECASE)

_PARTS = ("vector", "text")
"""What `retrieval` is the whole of, where they are told."""
_AFTER_EMBEDDING = ("vector", "statement", RETRIEVAL)
_BESIDE = ("specialty", "text")
_ALONE = (CACHE, "fusion", "hydration", "ranking", "rerank")

Times = dict[str, float]


@dataclass(frozen=True, slots=True)
class StageTimes:
    """What an answer says of itself, in milliseconds.

    Attributes:
        stages: each stage's own time.
        service: what the service says it took in all; None where it does not, and for a cached
            answer that repeats the times of the search that was stored.
        excess: by how much stages take longer than a sum that the service tells of them, at least;
            0 where they fit, None where no sum is told.
    """

    stages: Mapping[str, float]
    service: float | None
    excess: float | None


def stage_times(
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    table: StageTable,
    *,
    is_hit: bool,
    elapsed_ms: float,
) -> StageTimes:
    """Read an answer's `timings` and its `Server-Timing`; what both name is taken from the body.

    - A stage that took no time did not run.
    - `retrieval` is a stage where neither vector nor text is told, else their sum.
    - Nothing else runs while the cache is asked or told. A cache's time that leaves no room for the
      longest stage is the whole search's, as the deployed service tells it, and is no stage.
    - An answer from the result cache has one stage, the cache. Where it tells of others as well,
      its times are stored ones; the cache's is then the service's response time (`X-Response-Time`)
      where that is told, else all the time until the answer.

    Args:
        headers: by lower-case name.
        body: the answer's JSON object.
        table: what names mean.
        is_hit: whether the service says that the result cache answered.
        elapsed_ms: from sending the request to the answer's last byte.
    """
    in_header = _in_header(headers.get("server-timing", ""), table)
    told = {**in_header, **_in_body(body, table)}
    responded = _response_time(headers.get("x-response-time", ""))
    total = told.pop(TOTAL, None)
    if is_hit:
        return _cached(told, total, responded, elapsed_ms)
    retrieval = told.pop(RETRIEVAL) if told.keys() & {*_PARTS} and RETRIEVAL in told else None
    whole = max((each for each in (total, responded) if each is not None), default=elapsed_ms)
    if not _has_room(told, whole):
        del told[CACHE]
    return StageTimes(
        told, total if total is not None else responded, _excess(told, total, retrieval)
    )


def cache_word(header: str) -> str | None:
    """`hit` or `miss`, where a `Server-Timing` header says so of its cache; else None."""
    words = (_CACHE_METRIC.match(metric) for metric in _METRICS.findall(header))
    return next((match[1].lower() for match in words if match), None)


def least_ms(stages: Mapping[str, float]) -> float:
    """The shortest time in which stages can have run, whatever the schedule.

    Stages of production by what they need of each other; any other may run beside all.
    """
    first = stages.get("embedding", 0.0)
    searched = [first + stages.get(name, 0.0) for name in _AFTER_EMBEDDING]
    beside = [stages.get(name, 0.0) for name in _BESIDE]
    alone = sum(stages.get(name, 0.0) for name in _ALONE)
    return max([max(searched + beside) + alone, *stages.values()])


def _cached(
    told: Times, total: float | None, responded: float | None, elapsed_ms: float
) -> StageTimes:
    if responded is not None and responded > elapsed_ms + SLACK_MS:
        responded = None  # another search's too
    is_own = told.keys() <= {CACHE}
    taken = told.get(CACHE) if is_own else responded
    if taken is None or taken > elapsed_ms + SLACK_MS:
        taken = elapsed_ms if responded is None else responded
    stages = {CACHE: taken}
    service = total if is_own and total is not None else responded
    return StageTimes(stages, service, _excess(stages, service, None))


def _has_room(stages: Times, whole_ms: float) -> bool:
    others = [taken for name, taken in stages.items() if name != CACHE]
    if CACHE not in stages or not others:
        return True
    return stages[CACHE] + max(others) <= whole_ms + SLACK_MS


def _excess(stages: Times, total: float | None, retrieval: float | None) -> float | None:
    excesses = []
    if total is not None:
        excesses.append(least_ms(stages) - total if stages else 0.0)
    if retrieval is not None:
        excesses.append(max(stages.get(part, 0.0) for part in _PARTS) - retrieval)
    return max(0.0, *excesses) if excesses else None


def _in_body(body: Mapping[str, Any], table: StageTable) -> Times:
    """The fields of `timings` that have a meaning; others may be anything."""
    timings = body.get("timings")
    times: Times = {}
    if isinstance(timings, dict):
        for name, value in timings.items():
            stage = table.meanings.get(name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if stage is not None and is_number and 0 < value < _LONGEST_MS:
                _note(times, stage, float(value), table)
    return times


def _in_header(header: str, table: StageTable) -> Times:
    """Metrics with a duration (W3C Server Timing: `name;dur=1.5;desc="..."`)."""
    times: Times = {}
    for metric in _METRICS.findall(header):
        if match := _DURATION.match(metric):
            stage, taken_ms = table.meanings.get(match[1], match[1]), float(match[2])
            if stage is not None and 0 < taken_ms < _LONGEST_MS:
                _note(times, stage, taken_ms, table)
    return times


def _note(times: Times, stage: str, taken_ms: float, table: StageTable) -> None:
    """Names of one stage add up; names of one sum are each the whole of it."""
    before = times.get(stage, 0.0)
    times[stage] = max(before, taken_ms) if stage in table.summed else before + taken_ms


def _response_time(header: str) -> float | None:
    match = _RESPONSE_TIME.match(header)
    if match is None:
        return None
    return float(match[1]) * (1e3 if match[2].lower() == "s" else 1.0)
