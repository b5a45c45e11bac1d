"""The options that several commands have, each declared once; alone or in groups.

Choices are spelt out here, so that a command's options are known without the parts that use them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from hhperf.cli.labels import Labels
from hhperf.stack.made_of import DEFAULT_CANDIDATES

OnBadLineChoice = Literal["fail", "skip"]
CacheChoice = Literal["cold", "warm", "natural"]
OrderChoice = Literal["log", "draw"]
FormatChoice = Literal["html", "markdown", "junit"]
StatisticChoice = Literal["mean", "p50", "p90", "p95", "p99"]
LatencyChoice = Literal["service_time", "response_time"]
ClusterChoice = Literal["tenant", "session", "text", "pairs", "auto"]
FailOnChoice = Literal["below", "any"]

MOST_CANDIDATES = 1_000_000

Profile = Annotated[str, Option(help="A latency profile: a name or a .toml file.")]
OnBadLine = Annotated[
    OnBadLineChoice, Option(help="What a line that cannot be read does: fail or skip.")
]
Pairs = Annotated[
    int | None, Option(min=1, help="Requests to measure; `run` takes 800 by default.")
]
InFlight = Annotated[int, Option(min=1, help="Pairs measured at the same time.")]
Caches = Annotated[CacheChoice, Option(help="What the caches hold: cold, warm or natural.")]
Threshold = Annotated[float, Option(help="The saving that is claimed.")]
Seed = Annotated[int, Option(min=0, help="Of arm orders, draws and the bootstrap.")]
BootstrapSeed = Annotated[int, Option(min=0, help="Of the bootstrap.")]
TimeoutS = Annotated[float, Option(min=0.001, help="When a request is given up.")]
ExtraTime = Annotated[
    float | None,
    Option(
        "--extra-time",
        min=0,
        help="Seconds to go on with fresh requests in place of what stalls of this machine hid, of"
        " an open loop in whole rounds; by default half of what the planned ones took.",
    ),
]
BeforeEach = Annotated[
    str | None,
    Option(
        "--before-each",
        help="A command that empties the caches before each request, such as 'redis-cli flushdb';"
        " HHPERF_ARM has the arm. Not timed. With one pair in flight.",
    ),
]
UndamagedOnly = Annotated[
    bool,
    Option(
        "--undamaged-only",
        help="Go on without what is damaged in a run, and say how much that is; else it is an"
        " error.",
    ),
]
WarmUp = Annotated[int, Option(min=0, help="Requests sent first and discarded.")]
Candidates = Annotated[
    int,
    Option(
        min=1,
        max=MOST_CANDIDATES,
        envvar="HHPERF_CANDIDATES",
        help="People in the embedded database.",
    ),
]
Seconds = Annotated[float, Option(min=0.1, help="How long each block of one arm lasts.")]
Rounds = Annotated[int, Option(min=1, max=10_000, help="Blocks of each arm, in orders drawn anew.")]
Calibrated = Annotated[
    bool, Option(help="Measure first what the generator itself takes (2 s), for the record.")
]
DryRun = Annotated[
    bool, Option("--dry-run", help="Print what would be sent, and when; send nothing.")
]


@dataclass(frozen=True, slots=True)
class Claim:
    """Which arms are compared, and by the requests of which log."""

    control: Annotated[str, Option(help="The arm that the other is measured against.")] = (
        "sequential"
    )
    treatment: Annotated[str, Option(help="The arm that is claimed to be faster.")] = "parallel"
    profile: Profile = "local"
    log: Annotated[
        Path | None, Option("--log", help="The query log; by default the shipped one.")
    ] = None
    on_bad_line: OnBadLine = "fail"
    label: Labels = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Which of their steps the arms have to take."""

    cache_state: Annotated[
        CacheChoice | None,
        Option(
            help="What the caches hold: cold, warm or natural. By default cold; warm with --vary."
        ),
    ] = None
    rerank: Annotated[bool | None, Option(help="By default ENABLE_RERANK decides.")] = None
    without_coalescing: Annotated[
        list[str] | None,
        Option(
            help="control, treatment, or each in turn: who makes every lookup, although an equal"
            " one is under way. Caches have to be natural for that to matter."
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Live:
    """What may be done to a deployment that is not this machine."""

    max_rate: Annotated[
        float, Option(min=0.001, help="To a --target elsewhere: requests per second at most.")
    ] = 50.0
    max_in_flight: Annotated[
        int | None,
        Option(
            min=1,
            help="Requests under way at most: 20 to a --target elsewhere, 1,000 of a load else,"
            " where more are dropped and counted.",
        ),
    ] = None
    abort_errors: Annotated[
        str,
        Option(help="To a --target elsewhere: end when more of an arm's last 100 requests fail."),
    ] = "5%"
    abort_latency: Annotated[
        str,
        Option(
            help="To a --target elsewhere: end when the median of an arm's last 50 is more than so"
            " many times its first 50's (5x), or than a time (2s); or none."
        ),
    ] = "5x"
    yes: Annotated[
        bool, Option("--yes", help="Send to a --target elsewhere without being asked.")
    ] = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the arms are: on a stack of this machine, or deployed."""

    candidates: Candidates = DEFAULT_CANDIDATES
    target: Annotated[
        list[str] | None,
        Option(
            "--target",
            help="A live deployment instead of an arm: control=URL, and again treatment=URL."
            " A double of the control may be control_again=URL."
            " Secret headers: HHPERF_HEADER_X_API_KEY=… sends X-Api-Key.",
        ),
    ] = None
    vary: Annotated[
        str | None,
        Option(
            help="With --target, where Cache-Control is not heeded: a field of the result cache's"
            " key that does not change the answer, jdHash or header:NAME; each request gets a new"
            " value.",
        ),
    ] = None
    method: Annotated[str, Option(help="With --target: the method of the requests.")] = "POST"
    ca_file: Annotated[Path | None, Option(help="With --target: certificates to trust (PEM).")] = (
        None
    )
    stages: Annotated[
        Path | None,
        Option(help="With --target: what a service calls its stages (TOML); see the README."),
    ] = None
    live: Live = field(default_factory=Live)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a load is sent, where to, and by whom."""

    warm_up: WarmUp = 20
    timeout_s: TimeoutS = 30.0
    place: Place = field(default_factory=Place)
    workers: Annotated[int, Option(min=1, help="Processes of this machine that send.")] = 1
    dask: Annotated[
        str | None, Option(help="A Dask scheduler (tcp://10.0.0.1:8786) whose workers send.")
    ] = None
