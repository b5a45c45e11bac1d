"""Two deployments over HTTP that cache their answers and heed no `Cache-Control`."""

import asyncio
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from hhperf.cli.main import app
from hhperf.runs.observation import Arm, CacheLayer
from hhperf.runs.run import Run, load_run
from hhperf.search.as_deployed import AnswerAsDeployed
from hhperf.search.connect import open_engine
from hhperf.search.service import listening, make_service
from hhperf.search.settings import Settings
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare

UNLINK = """
import socket, sys
script = "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end"
words = ["EVAL", script, "0", sys.argv[2] + "*"]
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    told = "".join(f"${len(each)}\\r\\n{each}\\r\\n" for each in words)
    server.sendall(f"*{len(words)}\\r\\n{told}".encode())
    sys.exit(not server.recv(9).startswith(b"$-1"))
"""
"""Removes keys by their prefix, as `redis-cli` would, which the stack has none of."""

QUICK = ["--warm-up", "2", "--extra-time", "0"]


@dataclass(frozen=True)
class Deployed:
    """Where both are, and what empties their caches."""

    targets: list[str]
    purge: str


@contextmanager
def running(stack: Stack, prefix: str) -> Iterator[list[str]]:
    """A sequential and a parallel deployment, in a thread of their own, and their addresses."""
    ready, urls = threading.Event(), list[str]()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def serve() -> None:
        async with AsyncExitStack() as opened:
            for arm in ("sequential", "parallel"):
                settings = Settings(search_redis_prefix=f"{prefix}:{arm}", enable_rerank=False)
                engine = await open_engine(arm, settings, stack.endpoints)
                opened.push_async_callback(engine.aclose)
                service = make_service(engine, AnswerAsDeployed())
                urls.append(await opened.enter_async_context(listening(service)))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield urls
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(30)
        loop.close()


@pytest.fixture
def deployed(stack: Stack) -> Iterator[Deployed]:
    """With caches that nothing has been put into."""
    prefix = f"test:{uuid4().hex}"
    socket = str(stack.endpoints.redis["unix_socket_path"])
    with running(stack, prefix) as (control, treatment):
        targets = ["--target", f"control={control}", "--target", f"treatment={treatment}"]
        yield Deployed(targets, shlex.join([sys.executable, "-SIc", UNLINK, socket, prefix]))


def replayed(out: Path, deployed: Deployed, *options: str) -> Run:
    """A run by the command, of both deployments."""
    done = CliRunner().invoke(app, ["replay", str(out), *QUICK, *deployed.targets, *options])
    assert done.exit_code == 0, done.output
    return load_run(out)


def hits(run: Run, layer: CacheLayer = CacheLayer.RESULT) -> set[tuple[int, int]]:
    """How many of each arm's answers came from the cache, of how many."""
    return {(found[layer].hits, found[layer].asked) for found in run.cache_hits().values()}


def compared(out: Path) -> str:
    """What the comparison prints, on one line."""
    done = CliRunner().invoke(app, ["compare", str(out)])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_without_any_way_the_comparison_says_what_is_missing(
    deployed: Deployed, tmp_path: Path
) -> None:
    """The control met its own cache, and its gate names both ways."""
    replayed(tmp_path / "run", deployed, "--pairs", "12")
    said = compared(tmp_path / "run")
    assert "does not heed Cache-Control; use --vary jdHash, or --before-each COMMAND" in said
    assert "failed its validity gates (cached answers;" in said


def test_a_varied_field_makes_each_request_a_search(deployed: Deployed, tmp_path: Path) -> None:
    """With the same answers in all arms, and the way in the record and in the comparison."""
    run = replayed(tmp_path / "run", deployed, "--pairs", "12", "--vary", "jdHash")
    assert hits(run) == {(0, 12)}
    assert run.pairs().voided == 0
    assert run.metadata.caches == "cache warm, jdHash varied"


def test_a_load_is_varied_too(deployed: Deployed, tmp_path: Path) -> None:
    """Both blocks of the control are searched for, though they ask the same."""
    out = tmp_path / "run"
    load = ["--rate", "20", "--seconds", "1", "--rounds", "1", "--no-calibrated"]
    done = CliRunner().invoke(
        app, ["load", str(out), *QUICK[:2], *load, *deployed.targets, "--vary", "jdHash"]
    )
    assert done.exit_code == 0, done.output
    run = load_run(out)
    assert {ratio for ratio, _ in hits(run)} == {0}
    assert len({asked for _, asked in hits(run)}) == 1
    assert "cache warm, jdHash varied" in " ".join(done.output.split())


def test_a_command_makes_each_request_a_search(deployed: Deployed, tmp_path: Path) -> None:
    """Also of the control, asked twice in a row."""
    way = ["--pairs", "3", "--before-each", deployed.purge]
    run = replayed(tmp_path / "run", deployed, *way)
    assert hits(run) == {(0, 3)}
    assert "python" in run.metadata.caches


def test_in_natural_use_all_arms_hit_where_the_log_repeats_itself(
    deployed: Deployed, tmp_path: Path
) -> None:
    """The second time through the log is answered from the cache, the first is not."""
    way = ["--pairs", "10", "--repetitions", "2", "--cache-state", "natural", "--vary", "jdHash"]
    run = replayed(tmp_path / "run", deployed, *way)
    frame = run.frame()
    assert {arm: frame[frame["arm"] == arm]["cache_result"].sum() for arm in Arm} == (
        dict.fromkeys(Arm, frame[frame["arm"] == Arm.CONTROL]["cache_result"].sum())
    )
    assert frame[frame["repetition"] == 1]["cache_result"].all()
    assert not frame[frame["repetition"] == 0]["cache_result"].all()
    found = compare(run).strata
    assert found is not None
    assert [each.name for each in found.strata] == ["from the cache", "searched for"]
    assert found.mixed == 0
