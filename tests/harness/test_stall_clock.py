"""The stall clock, on this machine's own cores."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from hhperf.harness import stall_probe
from hhperf.harness.stall_clock import only_one, stall_clock, watch_machine
from hhperf.runs.observation import HealthSample

MS = 1_000_000


def probes() -> list[psutil.Process]:
    """The probes that this process has started."""
    alive = [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]
    return [each for each in alive if stall_probe.__file__ in each.cmdline()]


def stood_still(process: psutil.Process, seconds: float) -> None:
    """Keep a process from running, as a stalled core would."""
    process.suspend()
    time.sleep(seconds)
    process.resume()


async def test_every_core_is_watched() -> None:
    """Each probe says from when on, and what it calls long."""
    seen: list[HealthSample] = []
    async with stall_clock(seen.append):
        pass
    begun = [each for each in seen if each.kind == "watched"]
    assert {each.core for each in begun} == os.sched_getaffinity(0)
    assert {each.value_ns for each in begun} == {stall_probe.SHORTEST_NS}


async def test_a_core_that_stands_still_is_seen() -> None:
    """On the clock of the observations, whole; a busy machine may keep it waiting before and after.

    How exactly is `tests.benchmarks.machine.clock`'s to say.
    """
    seen: list[HealthSample] = []
    async with stall_clock(seen.append) as clock:
        await asyncio.sleep(0.05)
        began_ns = time.perf_counter_ns()
        stood_still(probes()[0], 0.08)
        ended_ns = time.perf_counter_ns()
        await asyncio.sleep(0.05)
        clock.read()
        said = clock.in_words()
    longest = max((each for each in seen if each.kind == "stall"), key=lambda each: each.value_ns)
    assert began_ns - 500 * MS < longest.at_ns < began_ns + 10 * MS
    assert ended_ns - 10 * MS < longest.at_ns + longest.value_ns < ended_ns + 500 * MS
    assert said.startswith("this machine lost ")
    assert clock.longest_ns == longest.value_ns


async def test_the_kernels_accounts_stand_beside_it() -> None:
    """As what was added since the look before; of this machine whatever it keeps."""
    seen: list[HealthSample] = []
    async with stall_clock(seen.append):
        await asyncio.sleep(1.3)
    kept = {each.kind for each in seen} - {"watched", "stall"}
    assert "steal" in kept
    assert kept <= {"steal", "pressure", "throttled"}


async def test_no_probe_stays_behind() -> None:
    """Neither when the block is left nor when an error leaves it."""

    async def fail() -> None:
        async with stall_clock(lambda sample: None):
            assert probes()
            raise ValueError("whatever")

    with pytest.raises(ValueError, match="whatever"):
        await fail()
    assert not probes()


def test_a_probe_ends_with_its_parent() -> None:
    """Also one whose parent was killed."""
    program = (
        "import subprocess, sys, os, time\n"
        f"command = [sys.executable, {stall_probe.__file__!r}, '0', str(os.getpid())]\n"
        "probe = subprocess.Popen(command, stdout=subprocess.DEVNULL)\n"
        "print(probe.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        probe = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    probe.wait(timeout=5)


async def test_one_generator_of_a_machine_runs_the_clock() -> None:
    """The next one takes over when it ends."""
    begun = asyncio.Event()
    seen: asyncio.Queue[HealthSample] = asyncio.Queue()
    with only_one("hhperf-test-clock") as is_mine:
        assert is_mine
        watching = asyncio.create_task(
            watch_machine(seen.put_nowait, begun, lambda words: None, "hhperf-test-clock")
        )
        await begun.wait()
        assert not probes()
    async with asyncio.timeout(10):
        first = await seen.get()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert first.kind == "watched"


async def test_generators_that_are_alone_watch_for_themselves() -> None:
    """Without a name nobody waits for anybody."""
    with only_one(None) as first, only_one(None) as second:
        assert first
        assert second
