"""What is asked to be different, done to requests that were taken apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

import numpy as np

from hhperf.errors import ForecastError, unknown
from hhperf.forecast.taken_apart import ON_A_CONNECTION, Part, Requests
from hhperf.runs.metadata import ProfileFacts
from hhperf.search.arms import ARMS
from hhperf.search.schedule import Schedule

CACHED = "cached"
LOOKUPS = ("embedding", "specialty", "rerank")
"""The stages that ask a cache first."""

PLACEHOLDER = "as_shipped"
"""How the arms begin whose specialty lookup finds nothing at once."""


class Profile(Protocol):
    """A latency profile, as far as it is needed here."""

    @property
    def name(self) -> str:
        """What it is called."""

    def delay_s(self, stage: str, request_id: str) -> float:
        """The least time of a stage for a request, in seconds; 0 where it is not modelled."""


LARGEST_FACTOR = 1_000_000
StageChange = str | float | Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs from the run as it was recorded; None and nothing leave it as it was.

    Attributes:
        schedule: an arm's name, or a schedule as `Schedule.parse` reads it.
        stages: by stage `cached` (a lookup that its cache answers), a factor of its time (0 for a
            stage that takes none), or a latency profile that its delays are drawn from.
        round_trip_s: added to each statement, in seconds. A stage with a modelled delay holds it
            within that.
        rerank: False leaves the reranker out.
        pool_max: connections of the pool.
        coalescing: whether requests for an equal text share a lookup that is under way.
    """

    schedule: str | None = None
    stages: Mapping[str, StageChange] = field(default_factory=dict)
    round_trip_s: float = 0.0
    rerank: bool | None = None
    pool_max: int | None = None
    coalescing: bool = False

    def __post_init__(self) -> None:
        for stage, change in self.stages.items():
            _check(stage, change)
        if not 0 <= self.round_trip_s < 60:
            raise ForecastError(f"round_trip_s = {self.round_trip_s:g} must be 0 to 60 seconds")
        if self.pool_max is not None and self.pool_max < 1:
            raise ForecastError(f"pool_max = {self.pool_max} must be 1 or more")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of what is changed."""
        return tuple(
            each.name
            for each in fields(self)
            if getattr(self, each.name) not in (None, 0.0, False) and getattr(self, each.name) != {}
        )

    def only(self, names: tuple[str, ...]) -> "Changes":
        """Some of them.

        Raises:
            ForecastError: one is no change.
        """
        known = [each.name for each in fields(self)]
        for name in names:
            if name not in known:
                raise ForecastError(f"both: no change {name!r}: {unknown(name, known)}")
        return Changes(**{name: getattr(self, name) for name in names})

    def __str__(self) -> str:
        return ", ".join(_words(self)) or "as recorded"


def changed(requests: Requests, changes: Changes, facts: ProfileFacts | None = None) -> Requests:
    """The requests as they would be; pool and load are the simulation's.

    Args:
        requests: as recorded.
        changes: what differs.
        facts: of the run's latency profile, from which a statement that holds both searches takes
            its length where the run did not have it.

    Raises:
        ForecastError: the run does not say enough for a change.
        ScheduleError: the schedule cannot be run.
    """
    if changes.schedule is not None:
        requests = _ordered(requests, changes.schedule, facts)
    if changes.rerank is False:
        parts = {name: each for name, each in requests.parts.items() if name != "rerank"}
        requests = replace(requests, parts=parts)
    elif changes.rerank and "rerank" not in {*requests.parts, *changes.stages}:
        raise ForecastError(
            "rerank: this run had none; say how long it takes (stages={'rerank': profile})"
        )
    for stage, change in changes.stages.items():
        requests = requests.with_parts(**{stage: _part(requests, stage, change)})
    if changes.round_trip_s:
        longer = {
            name: _farther(part, changes.round_trip_s)
            for name, part in requests.parts.items()
            if name in ON_A_CONNECTION
        }
        requests = requests.with_parts(**longer)
    return requests


def _ordered(requests: Requests, text: str, facts: ProfileFacts | None) -> Requests:
    own = requests.schedule.inputs
    if all(own != order.inputs for order in ARMS.values()):
        return requests.ordered(Schedule.parse(text, own))
    schedule = Schedule.parse(text)
    if "statement" in schedule.inputs and "statement" not in requests.parts:
        requests = requests.with_parts(statement=_one_statement(requests, facts))
    if "statement" not in schedule.inputs and "statement" in own:
        raise ForecastError(
            f"schedule: {requests.schedule} has both searches in one statement, so the run does not"
            " say how long each takes"
        )
    if text.startswith(PLACEHOLDER) and "specialty" in requests.parts:
        nothing = requests.parts["specialty"].lasting(np.zeros(len(requests)))
        requests = requests.with_parts(specialty=nothing)
    return requests.ordered(schedule)


def _one_statement(requests: Requests, facts: ProfileFacts | None) -> Part:
    """Both searches on one connection, one after the other, or as the profile says."""
    try:
        vector, text = requests.parts["vector"], requests.parts["text"]
    except KeyError as lacking:
        raise ForecastError(f"schedule: this run does not say how long {lacking} takes") from None
    ratio = 1.0
    modelled = facts.modelled if facts else {}
    if {"vector", "text", "statement"} <= modelled.keys():
        median = {name: modelled[name]["p50_ms"] for name in ("vector", "text", "statement")}
        ratio = median["statement"] / (median["vector"] + median["text"])
    return Part(
        lead=vector.lead,
        before=vector.before,
        wait=vector.wait,
        held=(vector.held + text.before + text.held) * ratio,
        modelled=(vector.modelled + text.modelled) * ratio,
    )


def _part(requests: Requests, stage: str, change: StageChange) -> Part:
    part = requests.parts.get(stage)
    if isinstance(change, str | float | int):
        if part is None:
            raise ForecastError(f"stages: {_no_stage(requests, stage)}")
        return _known_part(requests, stage, part, change)
    drawn = np.array([change.delay_s(stage, each) for each in requests.ids])
    if part is None:
        if stage not in requests.schedule.waits:
            raise ForecastError(f"stages: {_no_stage(requests, stage)}")
        nothing = np.zeros(len(requests))
        return Part(nothing, drawn, nothing, nothing, drawn)
    # What it took beyond its delay stays; work that was only measured runs within the new one.
    beyond = part.own + np.where(part.modelled > 0, drawn - part.modelled, 0.0)
    own = np.where(part.ran, np.where(part.modelled > 0, beyond, np.maximum(part.own, drawn)), 0.0)
    return replace(part.lasting(np.maximum(own, 0.0)), modelled=np.where(part.ran, drawn, 0.0))


def _known_part(requests: Requests, stage: str, part: Part, change: str | float) -> Part:
    if not isinstance(change, str):
        return replace(part.lasting(part.own * change), modelled=part.modelled * change)
    if not np.isfinite(requests.looked_up).any():
        raise ForecastError(
            f"stages: {stage} {CACHED}: the run does not say how long asking its cache takes; give"
            " a factor instead"
        )
    usual = float(np.nanmedian(requests.looked_up))
    asked = np.where(np.isfinite(requests.looked_up), requests.looked_up, usual)
    nothing = np.zeros(len(requests))
    before = np.where(part.ran, asked, 0.0)
    return Part(part.lead, before, nothing, nothing, nothing)


def _farther(part: Part, by_s: float) -> Part:
    hidden = part.modelled > 0
    held = np.where(hidden, np.maximum(part.held, by_s), part.held + by_s)
    return replace(part, held=np.where(part.held > 0, held, 0.0))


def _no_stage(requests: Requests, stage: str) -> str:
    return f"no stage {stage!r} ran: {unknown(stage, requests.parts)}"


def _check(stage: str, change: Any) -> None:
    if isinstance(change, str) and not (change == CACHED and stage in LOOKUPS):
        raise ForecastError(
            f"stages: {stage}={change}: say {CACHED} (of {', '.join(LOOKUPS)}), a factor such"
            " as 0.5, or a latency profile"
        )
    if isinstance(change, float | int) and not 0 <= change < LARGEST_FACTOR:
        raise ForecastError(f"stages: {stage}={change:g}: a factor is from 0 to {LARGEST_FACTOR:,}")


_SAID: Mapping[str, Callable[[Any], str]] = {
    "schedule": str,
    "stages": lambda stages: ", ".join(
        f"{stage} {_of_stage(change)}" for stage, change in stages.items()
    ),
    "round_trip_s": lambda seconds: f"{seconds * 1e3:g} ms more a statement",
    "rerank": lambda on: "reranked" if on else "not reranked",
    "pool_max": lambda most: f"{most} connections",
    "coalescing": lambda _: "equal lookups shared",
}


def _of_stage(change: StageChange) -> str:
    if isinstance(change, str):
        return change
    return f"× {change:g}" if isinstance(change, float | int) else f"as in {change.name}"


def _words(changes: Changes) -> list[str]:
    return [_SAID[name](getattr(changes, name)) for name in changes.kinds]
