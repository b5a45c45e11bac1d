"""What is said of the shipped runs and of small made ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hhperf.runs.observation import HealthSample
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.show.findings import Findings
from hhperf.show.subjects import find_subjects
from hhperf.show.sweep_findings import SweepFindings
from hhperf.workload.shipped import data_dir
from tests.runs.conftest import METADATA, fresh, observe_pair, written  # noqa: F401  (fixtures)
from tests.show.report.made import hostile_metadata, write_pairs, write_sweep

RUNS = data_dir() / "runs"
MS = 1_000_000
PAIRS = 400


@pytest.fixture(scope="session")
def exceeding() -> Findings:
    """The shipped run without a reranker: p95 exceeds the claim, p99 is not measurable."""
    return Findings.of(load_run(RUNS / "plan-rerank-off"))


@pytest.fixture(scope="session")
def below() -> Findings:
    """The shipped run with a reranker: everything is below the claim, p99 not measurable."""
    return Findings.of(load_run(RUNS / "plan-rerank-on"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A run of foreign callables whose names, log and labels mean harm."""
    folder = tmp_path_factory.mktemp("hostile") / "run"
    return Findings.of(write_pairs(folder, pairs=60, metadata=hostile_metadata()))


@pytest.fixture(scope="session")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A run whose control was slower the second time."""
    return Findings.of(write_pairs(tmp_path_factory.mktemp("gated") / "run", again=1.2))


@pytest.fixture(scope="session")
def sweep_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep over three loads."""
    return write_sweep(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="session")
def sweep(sweep_folder: Path) -> SweepFindings:
    """What is said of the sweep."""
    (found,) = find_subjects([sweep_folder])
    assert isinstance(found, SweepFindings)
    return found


@pytest.fixture
def stalled_run(tmp_path: Path) -> Callable[..., Run]:
    """A run of pairs of a second on two cores, with stalls of (core, at, length) in ms."""

    def write(*stalls: tuple[int, int, int], accounts: tuple[tuple[str, int], ...] = ()) -> Run:
        with RunWriter(tmp_path, METADATA, epoch_ns=0) as writer:
            for pair in range(PAIRS):
                writer.add(*observe_pair(pair, (0.9, 0.5, 0.9)))
            for core in (0, 1):
                writer.add_health(HealthSample("watched", 0, 5 * MS, core=core))
                writer.add_health(HealthSample("steal", PAIRS * 1_000 * MS, 0, core=core))
            for core, at, length in stalls:
                writer.add_health(HealthSample("stall", at * MS, length * MS, core=core))
            for kind, ms in accounts:
                writer.add_health(HealthSample(kind, PAIRS * 1_000 * MS, ms * MS, core=0))
        return load_run(tmp_path)

    return write
