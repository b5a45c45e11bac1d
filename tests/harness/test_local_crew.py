"""Workers that are processes of this machine."""

import subprocess
import sys

import psutil

BROKEN_OFF = """
import asyncio, os, signal, time
from hhperf.harness.local_crew import LocalCrew
from hhperf.harness.session import Assignment, Job
from hhperf.runs.observation import Arm
from hhperf.workload.schedules import constant, evenly
from tests.harness.test_shared_replay import make_targets, planned

async def main():
    crew, plan = LocalCrew(1), planned(evenly(constant(100, 60.0)), arms=[Arm.CONTROL])
    await crew.open(lambda worker: Job(plan, make_targets, worker, 0, "run"))
    now_ns = time.perf_counter_ns()
    heard = asyncio.Event()
    sending = asyncio.create_task(
        crew.run({0: Assignment(0, now_ns, 0, 1)}, lambda *_: loop.call_soon(heard.set))
    )
    loop = asyncio.get_running_loop()
    await heard.wait()
    print(crew.process_ids()[0], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_worker_ends_with_its_generator_whatever_ended_that() -> None:
    """In the middle of a block of a minute; nobody would get what it still measured."""
    said = subprocess.run(
        [sys.executable, "-c", BROKEN_OFF], capture_output=True, text=True, check=False
    ).stdout
    worker = int(said)
    gone, _ = psutil.wait_procs([psutil.Process(worker)] if psutil.pid_exists(worker) else [], 10)
    assert not psutil.pid_exists(worker) or gone
