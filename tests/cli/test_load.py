"""Loads and sweeps from the command line: of arms, and of live deployments."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hhperf.cli.main import app
from hhperf.errors import HhperfError
from hhperf.harness.calibration import null_server
from hhperf.harness.sweep import load_sweep
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import load_run
from hhperf.stack.stack import Stack
from tests.cli.conftest import Ended

SMALL = ["--candidates", "2000"]
QUICK = ["--warm-up", "2", "--rounds", "1", "--no-calibrated"]


def run(*arguments: str) -> Result:
    """What the command prints and how it ends."""
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def live() -> Iterator[list[str]]:
    """Options that name two deployments, which answer at once."""
    with null_server() as control, null_server() as treatment:
        yield ["--target", f"control={control}", "--target", f"treatment={treatment}"]


def test_a_dry_run_prints_what_would_be_sent(tmp_path: Path) -> None:
    """A line for each request of each arm, and nothing is sent or written."""
    out = tmp_path / "run"
    result = run(
        "load", str(out), "--dry-run", "--rate", "4", "--seconds", "2", "--arrivals", "evenly",
        "--rounds", "1",
    )  # fmt: skip
    lines = result.output.splitlines()
    assert lines[0] == "# evenly, 4/s for 2 s: 8 requests an arm"
    assert len(lines) == 1 + 3 * 8
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rate", "2..6", "--seconds", "2"], "2 to 6/s for 2 s"),
        (["--rate", "2,6", "--seconds", "2"], "2/s for 1 s, then 6/s for 1 s"),
        (["--arrivals", "logged", "--speed", "10", "--longest-gap", "1"], "speed 10, gaps up to 1"),
        (["--clients", "3", "--requests", "9", "--think-time", "0.5"], "3 clients, exponential"),
    ],
)
def test_every_kind_of_load_can_be_asked_for(options: list[str], said: str) -> None:
    """Ramps, steps, the log's own times, and clients that wait their turn."""
    result = run("load", "unused", "--dry-run", "--rounds", "1", *options)
    assert said in result.output.splitlines()[0]


def test_arms_are_put_under_load(stack: Stack, tmp_path: Path) -> None:
    """The run has its load, its floor, and what each arm waited for connections."""
    out = tmp_path / "run"
    result = run(
        "load", str(out), "--rate", "10", "--seconds", "1", "--warm-up", "2", "--rounds", "1",
        "--extra-time", "0", "--pool-max", "2", *SMALL,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    recorded = load_run(out)
    assert recorded.metadata.design.kind == "switchback"
    assert recorded.metadata.floor is not None
    assert recorded.metadata.conditions.labels["pool_max"] == "2"
    assert "pool" in set(recorded.spans()["stage"].astype(str))
    assert "Response time in ms" in result.output


def test_a_sweep_goes_through_the_loads(live: list[str], tmp_path: Path) -> None:
    """A run for each, one table over all; `compare` says the same again."""
    out = tmp_path / "sweep"
    result = run("sweep", str(out), "--rates", "20,40,80", "--seconds", "1", *QUICK, *live)
    assert result.exit_code == 0, result.output
    assert len(list(out.iterdir())) == 3
    assert "Capacity in requests a second" in result.output
    again = json.loads(run("compare", str(out), "--json").output)
    assert [round(row["offered_hz"], -1) for row in again] == [20, 40, 80]


def test_the_pool_is_a_factor(stack: Stack, tmp_path: Path) -> None:
    """A sweep for each size, labelled by it."""
    out = tmp_path / "sweep"
    result = run(
        "sweep", str(out), "--rates", "10,20,30", "--seconds", "1", "--pool-max", "2,3",
        "--to-the-end", *QUICK, *SMALL,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for size in (2, 3):
        recorded = load_sweep(out / f"pool-{size}")
        settings = [each.metadata.conditions.settings for each in recorded]
        assert [each["PGVECTOR_POOL_MAX"] for each in settings] == [size] * 3
        assert f"pool_max {size}" in result.output


def test_deployments_are_replayed_in_pairs(live: list[str], tmp_path: Path) -> None:
    """Named by their URLs, the control's twice; no stack is started."""
    out = tmp_path / "run"
    result = run("replay", str(out), "--pairs", "6", "--warm-up", "2", *live)
    assert result.exit_code == 0, result.output
    recorded = load_run(out)
    arms = recorded.metadata.design.arms
    assert arms[Arm.CONTROL] == arms[Arm.CONTROL_AGAIN] != arms[Arm.TREATMENT]
    assert {counts[Outcome.OK] for counts in recorded.counts().values()} == {6}


def test_workers_share_a_load(live: list[str], tmp_path: Path) -> None:
    """Two processes, each request once."""
    out = tmp_path / "run"
    options = ["--rate", "60", "--seconds", "1", "--arrivals", "evenly", "--workers", "2"]
    options += ["--extra-time", "0"]
    assert run("load", str(out), *options, *QUICK, *live).exit_code == 0
    recorded = load_run(out)
    assert set(recorded.health["worker"].to_pylist()) == {0, 1}
    assert recorded.counts()[Arm.CONTROL][Outcome.OK] == 60


def test_a_cluster_shares_a_load(live: list[str], tmp_path: Path) -> None:
    """By the address of its scheduler."""
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, memory_limit=None
    ) as cluster:
        out = tmp_path / "run"
        options = ["--rate", "40", "--seconds", "1", "--arrivals", "evenly", "--extra-time", "0"]
        result = run("load", str(out), *options, "--dask", cluster.scheduler_address, *QUICK, *live)
    assert result.exit_code == 0, result.output
    assert load_run(out).counts()[Arm.TREATMENT][Outcome.OK] == 40


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["load", "x", "--rate", "fast"], "--rate: 'fast' is no number"),
        (["load", "x", "--rate", "0"], "must be above 0"),
        (["sweep", "x", "--rates", "5,10"], "give 3 loads or more"),
        (["load", "x", "--target", "control=http://a"], "treatment=URL is missing"),
        (["load", "x", "--target", "secret"], "give control=URL and treatment=URL"),
        (["load", "x", "--vary", "jdHash"], "--vary is for live deployments"),
        (["replay", "x", "--vary", "query", "--target", "control=http://a",
          "--target", "treatment=http://b"], "changes the answer"),
        (["replay", "x", "--vary", "jdHash", "--cache-state", "cold", "--target",
          "control=http://a", "--target", "treatment=http://b"], "take 'warm'"),
        (["replay", "x", "--before-each", "true", "--in-flight", "2", "--target",
          "control=http://a", "--target", "treatment=http://b"], "in_flight is 2, must be 1"),
        (["load", "x", "--dask", "tcp://127.0.0.1:1", "--target", "control=http://a",
          "--target", "treatment=http://b"], "no scheduler answers there"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent or written."""
    monkeypatch.setattr("hhperf.cli.contenders.SCHEDULER_WITHIN", "1s")
    monkeypatch.chdir(tmp_path)
    error = run(*arguments).exception
    assert isinstance(error, HhperfError)
    assert said in str(error)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["load", "--rate", ""], "--rate: '' has no number in it"),
        (["load", "--rate", ","], "--rate: ',' has no number in it"),
        (["load", "--rate", "1e300"], "10,000,000 is the most"),
        (["load", "--rate", "inf"], "--rate: inf must be above 0, and a number"),
        (["load", "--clients", "100000000000000000000"], "at most 400"),
        (["load", "--profile", "BROKEN.toml"], "BROKEN.toml: "),
        (["load", "--treatment", "paralel"], "did you mean parallel?"),
        (["sweep", "--pool-max", ","], "--pool-max: ',' has no number in it"),
        (["sweep", "--pool-max", "0.5"], "connections are whole numbers"),
        (["sweep", "--profile", "plann"], "did you mean plan?"),
        (["load", "--target", "control=http://x"], "treatment=URL is missing"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else None,
)
def test_a_dry_run_checks_what_the_run_would(
    arguments: list[str],
    said: str,
    command: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Nothing is sent, and nothing that could not be is said to be all right."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "BROKEN.toml").write_text("[stages.embedding]\ndistribution = 5\n")
    verb, *options = arguments
    ended = command(verb, "out", "--dry-run", *options)
    assert (ended.code, ended.out) == (4, "")
    assert said in ended.err
