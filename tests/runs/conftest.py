"""Small runs to read and write."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hhperf.runs.host import Host
from hhperf.runs.metadata import Conditions, LogFacts, PairedDesign, RunMetadata
from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.writer import RunWriter

DESIGN = PairedDesign(
    arms={Arm.CONTROL: "sequential", Arm.TREATMENT: "eager", Arm.CONTROL_AGAIN: "sequential"},
    pairs=4,
    repetitions=1,
    order="log",
    cache_state="natural",
    warm_up=0,
    in_flight=1,
    timeout_s=10.0,
)
METADATA = RunMetadata(
    created=datetime(2026, 1, 2, tzinfo=UTC),
    host=Host("a processor", 2, 8 << 30, "Linux 6.1"),
    versions={"hhperf": "0.1.0", "python": "3.11.7"},
    conditions=Conditions(),
    log=LogFacts("queries.jsonl", "ab" * 32, 4),
    design=DESIGN,
    seed=7,
)


def observe(pair: int, arm: Arm = Arm.CONTROL, **changes: object) -> Observation:
    """An observation of 1 s that began at `pair` seconds."""
    start_ns = pair * 1_000_000_000
    given = {
        "pair": pair, "request_id": f"r{pair}", "arm": arm, "arm_schedule": DESIGN.arms[arm],
        "repetition": 0, "position": list(Arm).index(arm), "tenant": "acme",
        "session": f"s{pair // 2}", "text_key": pair % 3, "intended_start_ns": start_ns,
        "dispatched_ns": start_ns, "start_ns": start_ns, "end_ns": start_ns + 1_000_000_000,
        "outcome": Outcome.OK,
    }  # fmt: skip
    return Observation(**(given | changes))  # type: ignore[arg-type]


def observe_pair(
    pair: int, seconds: tuple[float, float, float] = (1.0, 0.5, 1.0)
) -> list[Observation]:
    """The three observations of a pair, by arm in their usual order."""
    start_ns = pair * 1_000_000_000
    return [
        observe(pair, arm, end_ns=start_ns + round(each * 1e9))
        for arm, each in zip(Arm, seconds, strict=True)
    ]


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    """Gives a new folder at each call, also within one Hypothesis test."""
    numbers: Iterator[int] = itertools.count()
    return lambda: tmp_path / f"run-{next(numbers)}"


@pytest.fixture
def written(fresh: Callable[[], Path]) -> Callable[..., Path]:
    """Writes a finished run of the observations given and says where."""

    def write(*observations: Observation) -> Path:
        folder = fresh()
        with RunWriter(folder, METADATA, epoch_ns=0) as writer:
            writer.add(*observations)
        return folder

    return write
