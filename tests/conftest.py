"""What every test may use: one embedded stack with a small corpus, kept between sessions."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

from hhperf import interrupts
from hhperf.experiment.study import Study
from hhperf.harness.company import VARIABLE
from hhperf.runs.run import Run
from hhperf.stack.made_of import Corpus
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_file

SMALL = Corpus(candidates=2_000)
LONGEST_ID = 200


def pytest_configure(config: pytest.Config) -> None:
    """No example is timed, and runs know of none of other processes, which would disturb them."""
    # A busy machine takes its time over an example: that is no fault of what is tried.
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    os.environ.setdefault("HHPERF_WATCH", "off")  # nobody looks; what shows runs is tested alone
    os.environ[VARIABLE] = f"{tempfile.gettempdir()}/hhperf-runs-of-tests-{os.getpid()}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing."""
    shutil.rmtree(os.environ[VARIABLE], ignore_errors=True)


def pytest_make_parametrize_id(val: object, argname: str) -> None:
    """A value that makes no readable name of a test is refused; its case wants an id.

    What it holds might also differ from one process to the next, as a compressed file's time does:
    then two workers would not collect the same tests.
    """
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_ID):
        raise pytest.UsageError(f"{argname}: name the cases with ids=[…], not by {val[:40]!r}…")


@pytest.fixture(autouse=True)
def a_program_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test takes for its own what was stopped in another."""
    monkeypatch.setattr(interrupts, "_stopped", threading.Event())


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that gives the same numbers every time."""
    return np.random.default_rng(20_260_101)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The embedded stack over 2,000 candidates; built once into the cache directory."""
    with Stack(corpus=SMALL) as started:
        yield started


@pytest.fixture(scope="session")
def log() -> QueryLog:
    """The shipped query log."""
    return load_query_log(data_file("queries.jsonl"))


@pytest.fixture(scope="session")
def plan_run(stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A short run of parallel against sequential under the profile `plan`, without rerank."""
    study = Study(profile="plan", rerank=False, pairs=24, warm_up=6, in_flight=4)
    return study.record_sync(log, stack, tmp_path_factory.mktemp("runs") / "plan")
