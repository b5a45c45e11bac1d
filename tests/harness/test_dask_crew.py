"""One replay by the workers of a local Dask cluster."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict, decide
from hhperf.errors import RunError
from hhperf.experiment.replay import replay_sync
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load_replay import replay_load
from hhperf.harness.preparation import Targets
from hhperf.harness.safety import Safety
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import load_run
from hhperf.verdict.compare import compare
from hhperf.workload.schedules import constant, evenly
from tests.harness.http_server import serving
from tests.harness.test_guard import failing_after, load, make_far
from tests.harness.test_shared_replay import make_targets, planned, uneven_targets

distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
DaskCrew: Any = pytest.importorskip("hhperf.harness.dask_crew").DaskCrew
_read_clock: Any = pytest.importorskip("hhperf.harness.dask_crew")._read_clock

pytestmark = pytest.mark.filterwarnings("ignore")  # those of the cluster itself


@contextmanager
def _connected() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=None
        ) as cluster,
        distributed.Client(cluster) as connected,
    ):
        yield connected


@pytest.fixture
def client() -> Iterator[Any]:
    """Two worker processes of this machine."""
    with _connected() as connected:
        yield connected


@pytest.fixture(scope="module")
def ended_client() -> Iterator[Any]:
    """The same for those who end what is under way, one after the other."""
    with _connected() as connected:
        yield connected


def test_a_cluster_measures_what_one_process_does(client: Any, tmp_path: Path) -> None:
    """The same counts and the same requests; a second replay on the cluster as well."""
    alone = replay_sync(planned(), make_targets(), tmp_path / "alone", progress=False)
    for name in ("one", "two"):
        shared = asyncio.run(
            replay_load(planned(), make_targets, tmp_path / name, DaskCrew(client))
        )
        assert shared.counts() == alone.counts()
        columns = ["pair", "arm", "request_id", "result_digest"]
        frames = [each.frame()[columns].astype(str) for each in (alone, shared)]
        in_order = [each.sort_values(columns).reset_index(drop=True) for each in frames]
        assert in_order[0].equals(in_order[1])


def test_a_cluster_comes_to_the_same_verdict(client: Any, tmp_path: Path) -> None:
    """A treatment of a third of the time exceeds the claim for both."""
    plan = planned(evenly(constant(60, 1.5)))
    alone = replay_sync(plan, uneven_targets(), tmp_path / "alone", progress=False)
    shared = replay_sync(plan, uneven_targets, tmp_path / "shared", client=client, progress=False)
    for run in (alone, shared):
        assert decide(compare(run)["p50"].estimate, 0.20) is Verdict.EXCEEDS


async def test_a_killed_worker_loses_its_block_alone(client: Any, tmp_path: Path) -> None:
    """Its share of that block is counted as lost, and the other goes on."""
    plan = planned(evenly(constant(50, 1.5)), rounds=2, arms=[Arm.CONTROL])
    workers = client.run(os.getpid)
    replaying = asyncio.create_task(replay_load(plan, make_targets, tmp_path, DaskCrew(client)))
    while not (tmp_path / "run.json").exists():  # noqa: ASYNC110  nobody tells of it
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.2)
    client.cluster.scheduler.allowed_failures = 0
    os.kill(sorted(workers.values())[0], signal.SIGKILL)
    counts = (await replaying).counts()[Arm.CONTROL]
    assert sum(counts.values()) == 150
    assert 0 < counts[Outcome.LOST] <= 75
    assert counts[Outcome.OK] == 150 - counts[Outcome.LOST]


def broken() -> Targets:
    """Makes no targets."""
    raise ValueError("no luck")


async def test_a_worker_that_cannot_begin_says_why(client: Any, tmp_path: Path) -> None:
    """And no run is left."""
    with pytest.raises(RunError, match="could not begin: ValueError: no luck"):
        await replay_load(planned(), broken, tmp_path, DaskCrew(client))
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240


def make_uneven(port: int, failing: int) -> dict[Arm, HttpTarget]:
    """Targets elsewhere, of which those of one worker fail."""
    try:
        is_first = distributed.get_worker().name == 0
    except ValueError:  # asked where no worker is
        is_first = False
    return make_far(failing if is_first else port, Safety())


async def test_one_worker_that_ends_for_safety_ends_the_others(
    ended_client: Any, tmp_path: Path
) -> None:
    """Within the block, of which each would have had 600; what both measured is kept."""
    async with serving() as served, serving(failing_after(8)) as failing:
        make = partial(make_uneven, served.port, failing.port)
        run = await replay_load(
            load(40, 30), make, tmp_path / "run", DaskCrew(ended_client), progress=False
        )
    assert run.status == "stopped"
    assert "safety of the target: control failed 6 of its last 14" in run.metadata.reason
    assert 1 <= len(served.asked) < 300
    outcomes = run.frame()["outcome"].value_counts()
    assert outcomes[Outcome.ERROR] >= 6  # and what was under way
    assert 8 < outcomes[Outcome.OK] <= 8 + len(served.asked)


async def test_an_interrupt_ends_what_workers_send(ended_client: Any, tmp_path: Path) -> None:
    """At once, not when the block would have ended."""
    async with serving() as served:
        make = partial(make_far, served.port, Safety())
        crew = DaskCrew(ended_client)
        replaying = asyncio.create_task(replay_load(load(40, 600), make, tmp_path / "run", crew))
        while not served.asked:  # noqa: ASYNC110  nobody tells of it
            await asyncio.sleep(0.02)
        replaying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await replaying
        assert not any(ended_client.processing().values()), "a task goes on"
    assert load_run(tmp_path / "run").status == "interrupted"


SKEW_S = 3_600


@pytest.fixture
def far_clock() -> Iterator[Any]:
    """A cluster of two, one of whose workers has a clock of its own: a time namespace."""
    worker = ["-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard"]
    skewed = ["unshare", "--time", "--monotonic", str(SKEW_S), "--fork", "--kill-child"]
    if subprocess.run([*skewed, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to make time namespaces")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, memory_limit=None
    ) as cluster:
        command = [*skewed, sys.executable, *worker, "--no-nanny", cluster.scheduler_address]
        with (
            subprocess.Popen(command, stderr=subprocess.DEVNULL) as process,
            distributed.Client(cluster) as connected,
        ):
            connected.wait_for_workers(2, timeout=60)
            yield connected
            process.kill()  # `unshare` heeds no other signal, and its child goes with it


async def test_a_worker_s_own_clock_is_no_matter(far_clock: Any, tmp_path: Path) -> None:
    """Its clock is an hour ahead; both workers' requests lie on one axis, as planned."""
    apart = [
        reading for (reading, _) in far_clock.run(_read_clock).values()
    ]  # read at nearly the same moment
    assert max(apart) - min(apart) > 0.9 * SKEW_S * 1e9
    plan = planned(evenly(constant(40, 1.0)), rounds=1, arms=[Arm.CONTROL])
    run = await replay_load(plan, make_targets, tmp_path / "run", DaskCrew(far_clock))
    assert run.counts()[Arm.CONTROL][Outcome.OK] == 40
    due_s = np.sort(run.frame()["intended_start_ns"].to_numpy()) / 1e9
    assert np.diff(due_s) == pytest.approx(np.full(39, 1 / 40), abs=0.01)
    health = run.health.to_pandas()
    ahead_s = health[health["kind"] == "clock_ahead"].groupby("worker")["value_ns"].last() / 1e9
    assert sorted(ahead_s.round()) == [0, SKEW_S]
    assert (health[health["kind"] == "stall"]["at_ns"].abs() < 600e9).all()
