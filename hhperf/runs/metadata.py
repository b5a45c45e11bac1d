"""What a run says of itself: where, how and on what it was recorded, in one file; no secrets."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from hhperf import __version__
from hhperf.masking import is_named_secret, without_credentials
from hhperf.runs.ending import Status
from hhperf.runs.gaps import Anchor, Gap
from hhperf.runs.host import Host, this_host
from hhperf.runs.observation import Arm
from hhperf.runs.pieces import Piece

FORMAT_VERSION = 4
"""4 added checksums of everything; 3 the stall clock and the clocks' anchor; 2 load runs: their
design, blocks, and the collector's pauses. Older ones are still read."""


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """The latency profile a run was measured under.

    Attributes:
        name: the profile's name.
        modelled: the figures of each modelled stage; a stage not named here is only measured.
        sha256: of the profile's file.
    """

    name: str
    modelled: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sha256: str = ""


REGIME = "regime"
"""The label that says in a few words under which conditions a claim is tested."""

COMMIT = "commit"
"""The label that says which code was measured."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a run was measured under, as far as the plan does not say it.

    Attributes:
        settings: by environment name, without secrets.
        profile: the latency profile; None where nothing can be modelled.
        versions: of the servers and models, by name.
        labels: free words of the caller, never checked.
        vary: the field that was varied so that a live deployment's result cache knows no answer,
            such as `jdHash` or `header:X-Nonce`; None for none.
        options: of the command that records it, so that it can be gone on with; never checked, and
            without secrets.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    profile: ProfileFacts | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    vary: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The query log that was replayed."""

    source: str
    sha256: str
    requests: int


@dataclass(frozen=True, slots=True)
class PairedDesign:
    """How a paired replay was laid out.

    Attributes:
        arms: what served each arm, such as `sequential`.
        pairs: how many pairs the plan holds, over all repetitions.
        repetitions: how often its requests are gone through.
        order: `log`, or `draw` for requests drawn with replacement.
        cache_state: `cold`, `warm` or `natural`.
        warm_up: requests sent and discarded per arm.
        in_flight: pairs measured at the same time.
        timeout_s: the latency at which a request is given up.
        extra_time_s: for how long it could go on with fresh pairs in place of what stalls hid; None
            for half of what the planned ones took.
        before_each: the program that emptied the caches before each request; None for none.
        looks: after how many pairs that count it could end because its verdict was in; none where
            it was never looked at before its end.
        beside: what other treatments were measured in the same pairs, each in a run of its own.
    """

    arms: Mapping[Arm, str]
    pairs: int
    repetitions: int
    order: str
    cache_state: str
    warm_up: int
    in_flight: int
    timeout_s: float
    extra_time_s: float | None = None
    before_each: str | None = None
    looks: tuple[int, ...] = ()
    beside: tuple[str, ...] = ()
    kind: Literal["paired"] = "paired"

    @property
    def pace(self) -> str:
        """How fast requests were sent, in words."""
        return f"{self.in_flight} {'pair' if self.in_flight == 1 else 'pairs'} in flight"

    def checked(self) -> "PairedDesign":
        """What two runs must agree in to be compared: all but how many pairs there are."""
        return replace(self, pairs=0, repetitions=0, extra_time_s=None, looks=())


@dataclass(frozen=True, slots=True)
class SwitchbackDesign:
    """How a load run was laid out: blocks of one arm each, one after the other.

    Attributes:
        arms: what served each arm, such as `sequential`.
        blocks: the arm of each block, in order; a round has one block of each arm.
        rounds: how many rounds there are.
        pairs: how many requests the plan holds for each arm, over all rounds.
        load: the schedule in words.
        offered_hz: requests per second that the schedule asks for; None for a closed loop.
        clients: of a closed loop; None for an open one.
        order: `log`, or `draw` for requests drawn with replacement.
        cache_state: `cold`, `warm` or `natural`.
        warm_up: requests sent and discarded at the beginning of each block.
        max_in_flight: requests under way at most; more are dropped.
        timeout_s: the latency at which a request is given up.
        workers: processes that shared the load.
        extra_time_s: for how long it could go on with fresh rounds in place of what stalls hid;
            None for half of what the planned ones took. Neither blocks, rounds nor pairs count
            those.
    """

    arms: Mapping[Arm, str]
    blocks: tuple[Arm, ...]
    rounds: int
    pairs: int
    load: str
    offered_hz: float | None
    clients: int | None
    order: str
    cache_state: str
    warm_up: int
    max_in_flight: int
    timeout_s: float
    workers: int = 1
    extra_time_s: float | None = 0.0
    kind: Literal["switchback"] = "switchback"

    @property
    def pace(self) -> str:
        """How fast requests were sent, in words."""
        return self.load

    def checked(self) -> "SwitchbackDesign":
        """What two runs must agree in to be compared: all but how long they were."""
        return replace(self, blocks=(), rounds=0, pairs=0, extra_time_s=None)


Design = Annotated[PairedDesign | SwitchbackDesign, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Floor:
    """What the generator itself takes: the latency of a target that does nothing, in seconds.

    Attributes:
        requests: how many were sent to it.
        service_p50_s: the median from sending to the answer.
        service_p99_s: its 99th percentile.
        lag_p99_s: the 99th percentile from when a request was due to when it was sent.
    """

    requests: int
    service_p50_s: float
    service_p99_s: float
    lag_p99_s: float


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """Everything about a run but its observations.

    Attributes:
        created: when it began.
        host: the machine that sent the requests.
        versions: of hhperf and Python.
        conditions: what was measured under which settings.
        log: the requests.
        design: how they were sent.
        seed: what was drawn came from it.
        floor: what the generator itself takes; None when it was not calibrated.
        shared: what two arms had in common, in words; arms of a valid run share nothing.
        company: other runs that measured on the machine meanwhile, in words.
        anchor: where its clocks begin; None in a run of an older format.
        gaps: when nothing was measured that was to be: a part was gone, or nobody recorded.
        status: whether it has ended, and how; as written, so that of a killed run is `running`.
        reason: why it ended so, in a few words; empty in a run of an older version.
        files: the pieces of each finished file with their checksums, by its name; empty before the
            run has ended, and in a run of an older format.
        format_version: of the run's folder.
    """

    created: datetime
    host: Host
    versions: Mapping[str, str]
    conditions: Conditions
    log: LogFacts
    design: Design
    seed: int
    floor: Floor | None = None
    shared: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    anchor: Anchor | None = None
    gaps: tuple[Gap, ...] = ()
    status: Status = "running"
    reason: str = ""
    files: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    @property
    def caches(self) -> str:
        """What the caches held, and by which way, in words."""
        way, purged = self.conditions.vary, getattr(self.design, "before_each", None)
        filled = " with lookups known" if way and self.design.cache_state == "natural" else ""
        told = [
            f"cache {self.design.cache_state}{filled}",
            *([f"{way} varied"] if way else []),
            *([f"{purged} before each request"] if purged else []),
        ]
        return ", ".join(told)

    @property
    def disturbances(self) -> tuple[str, ...]:
        """What disturbed the whole of it, a warning each."""
        said = "another run measured on this machine meanwhile ({}): both disturbed each other"
        return tuple(map(said.format, self.company))

    def differences(self, other: "RunMetadata") -> tuple[str, ...]:
        """The checked facts in which two runs differ: if any, don't compare or pool them.

        Not checked: when, the seed, the labels, how many pairs, and how it ended.
        """
        mine, theirs = self._checked(), other._checked()
        return tuple(name for name in mine if mine[name] != theirs[name])

    def _checked(self) -> dict[str, object]:
        conditions = {
            f"conditions.{each.name}": getattr(self.conditions, each.name)
            for each in fields(Conditions)
            if each.name not in ("labels", "options")
        }
        return {
            "host": self.host,
            "versions": self.versions,
            **conditions,
            "log.sha256": self.log.sha256,
            "design": self.design.checked(),
        }


def describe(
    conditions: Conditions,
    log: LogFacts,
    design: Design,
    seed: int,
    *,
    floor: Floor | None = None,
    shared: tuple[str, ...] = (),
) -> RunMetadata:
    """The metadata of a run that starts now, here."""
    return RunMetadata(
        created=datetime.now(UTC),
        host=this_host(),
        versions={"hhperf": __version__, "python": platform.python_version()},
        conditions=replace(conditions, settings=without_secrets(conditions.settings)),
        log=log,
        design=design,
        seed=seed,
        floor=floor,
        shared=shared,
    )


def without_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without those named like a secret, and without credentials in addresses."""
    return {
        name: without_credentials(value) if isinstance(value, str) else value
        for name, value in settings.items()
        if not is_named_secret(name)
    }
