"""What a notebook does, on a real kernel: awaiting, stopping, completing, showing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from hhperf.errors import RunError
from hhperf.runs.run import load_run
from hhperf.workload.shipped import data_dir

TIMEOUT_S = 90.0
VIEW = "application/vnd.jupyter.widget-view+json"
SETUP = """
import asyncio
import hhperf
from hhperf import Arm, Reply, data_dir, plan_load, plan_pairs, replay, replay_sync
from hhperf.harness.target import CallableTarget
from hhperf.workload.schedules import constant, evenly

async def answer(request):
    await asyncio.sleep(0.002)
    return Reply(results=(("c1", 0.9),))

def targets():
    return {arm: CallableTarget(answer, arm.value) for arm in Arm}

def plan(pairs):
    return plan_pairs(
        log, cache_state="natural", seed=1, order="draw", pairs=pairs, warm_up=2
    )

log = hhperf.load_query_log(data_dir() / "queries.jsonl")
load = plan_load(log, evenly(constant(100, 600)), cache_state="natural", seed=1, warm_up=2)
"""


@dataclass
class Output:
    """What a cell put out."""

    printed: str = ""
    errors: str = ""
    failure: str = ""
    traceback: list[str] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Keep one message."""
        match kind:
            case "stream" if content["name"] == "stdout":
                self.printed += content["text"]
            case "stream":
                self.errors += content["text"]
            case "error":
                self.failure, self.traceback = content["ename"], content["traceback"]
            case "execute_result" | "display_data":
                self.data.append(content["data"])
            case "update_display_data":
                self.updated.append(content["data"])
            case "comm_close":
                self.closed.add(content["comm_id"])


@dataclass
class Kernel:
    """A kernel and a way to talk to it."""

    manager: KernelManager
    client: BlockingKernelClient

    def run(
        self,
        code: str,
        output: Output | None = None,
        *,
        stop_when: Callable[[], bool] = lambda: False,
    ) -> Output:
        """Run a cell to its end, and press the stop button when it is time to."""
        sent, output, stopped = self.client.execute(code), output or Output(), False
        give_up = time.monotonic() + TIMEOUT_S
        while time.monotonic() < give_up:
            if not stopped and stop_when():
                self.manager.interrupt_kernel()
                stopped = True
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except Empty:
                continue
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["content"].get("execution_state") == "idle":
                return output
            output.take(message["msg_type"], message["content"])
        raise AssertionError(f"the cell has not ended: {code}")

    def complete(self, code: str) -> list[str]:
        """What the tab key offers."""
        reply = self.client.complete(code, reply=True, timeout=TIMEOUT_S)
        matches: list[str] = reply["content"]["matches"]
        return matches

    def inspect(self, code: str) -> str:
        """What a question mark shows."""
        reply = self.client.inspect(code, reply=True, timeout=TIMEOUT_S)
        return str(reply["content"]["data"]["text/plain"])


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for all cells, ready to replay against callables."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path_factory.mktemp("kernel")))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT_S)
        found = Kernel(manager, client)
        assert found.run(SETUP) == Output()
        yield found
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def measured(folder: Path) -> Callable[[], bool]:
    """Whether a growing run has something in it."""

    def look() -> bool:
        try:
            return len(load_run(folder)) > 30
        except RunError:
            return False

    return look


FORMS = {
    "await": "run = await replay(plan({pairs}), targets(), {out!r})",
    "sync": "run = replay_sync(plan({pairs}), targets(), {out!r})",
}
LOADS = {
    "await": "run = await replay(load, targets(), {out!r})",
    "sync": "run = replay_sync(load, targets(), {out!r})",
}
each_form = pytest.mark.parametrize("form", FORMS)


@each_form
def test_a_cell_replays(kernel: Kernel, tmp_path: Path, form: str) -> None:
    """Both forms work where an event loop already runs."""
    cell = FORMS[form].format(pairs=20, out=str(tmp_path / "run"))
    output = kernel.run(f"{cell}\nprint(run.status, len(run.pairs()))")
    assert (output.failure, output.printed) == ("", "finished 20\n")


@each_form
@pytest.mark.parametrize("cells", [FORMS, LOADS], ids=["pairs", "load"])
def test_an_interrupted_cell_leaves_its_run(
    kernel: Kernel, tmp_path: Path, cells: dict[str, str], form: str
) -> None:
    """The run is what the call gives back, and the same on disk."""
    folder = tmp_path / "run"
    cell = cells[form].format(pairs=100_000, out=str(folder))
    output = kernel.run(f"{cell}\nprint(run.status, len(run))", stop_when=measured(folder))
    run = load_run(folder)
    assert output.failure == ""
    assert output.printed.split() == ["interrupted", str(len(run))]
    assert run.status == "interrupted"


@each_form
def test_the_cell_after_an_interrupted_one_works(kernel: Kernel, tmp_path: Path, form: str) -> None:
    """Nothing is left that would stop it, and the stop button works again."""
    folder = tmp_path / "run"
    cell = FORMS[form].format(pairs=100_000, out=str(folder))
    kernel.run(cell, stop_when=measured(folder))
    assert kernel.run("print(1 + 1)").printed == "2\n"
    began = time.monotonic()
    # The kernel sees an interrupt when its event loop wakes, so the cell wakes it often.
    endless = "while True:\n    await asyncio.sleep(0.01)"
    output = kernel.run(endless, stop_when=lambda: time.monotonic() > began + 1)
    assert output.failure == "CancelledError"


@each_form
def test_an_interrupt_before_measuring_ends_the_cell(
    kernel: Kernel, tmp_path: Path, form: str
) -> None:
    """There is no run yet: a sentence says so, and no folder is left."""
    folder = tmp_path / "run"
    cell = FORMS[form].format(pairs=3, out=str(folder)).replace("plan(3)", "endless")
    kernel.run("from dataclasses import replace\nimport numpy as np\n"
               "endless = replace(plan(3), warm_up=np.zeros(100_000, dtype=int))")  # fmt: skip
    output = kernel.run(cell, stop_when=folder.exists)
    assert output.failure in {"InterruptionError", "StoppedAtOnce"}
    assert output.traceback == ["interrupted by Ctrl-C: nothing was measured"]
    assert not folder.exists()


def test_a_run_is_shown_while_it_is_measured(kernel: Kernel, tmp_path: Path) -> None:
    """In one place that is written anew, and empty in the end."""
    kernel.run("import os\nos.environ |= {'HHPERF_WATCH': 'on'}")
    output = Output()
    folder = tmp_path / "run"
    cell = FORMS["await"].format(pairs=100_000, out=str(folder))
    try:
        kernel.run(cell, output, stop_when=lambda: "interval at every look" in str(output.updated))
    finally:
        kernel.run("os.environ |= {'HHPERF_WATCH': 'off'}")
    shown = [data["text/html"] for data in output.updated if "text/html" in data]
    assert "saving at p50" in shown[-2]
    assert shown[-1] == ""


@each_form
def test_a_bar_is_a_widget_that_goes_away(kernel: Kernel, tmp_path: Path, form: str) -> None:
    """Only the widget is put out, and it is closed; nothing is written to stderr."""
    output = kernel.run(FORMS[form].format(pairs=20, out=str(tmp_path / "run")))
    assert [list(data) for data in output.data] == [[VIEW], [VIEW]]  # warm-up, measuring
    assert {data[VIEW]["model_id"] for data in output.data} <= output.closed
    assert [data[VIEW]["model_id"] for data in output.updated] == ["", ""]  # what is stored
    assert output.errors == ""


def test_a_bar_can_be_left_out(kernel: Kernel, tmp_path: Path) -> None:
    """As in a terminal."""
    out = str(tmp_path / "run")
    assert (
        kernel.run(f"run = await replay(plan(5), targets(), {out!r}, progress=False)") == Output()
    )


@pytest.mark.parametrize(
    "shown", ["log", "plan(20)", "load", "run", "hhperf.compare(run)", "hhperf.Verdict.BELOW",
              "hhperf.Stack()", "hhperf.compare(run)['p95'].estimate"]
)  # fmt: skip
def test_a_result_shows_itself(kernel: Kernel, shown: str) -> None:
    """As a table for those who look, and in one short line beside it."""
    recorded = data_dir() / "runs" / "plan-rerank-off"
    [data] = kernel.run(f"run = hhperf.load_run({str(recorded)!r})\n{shown}").data
    assert data["text/html"].startswith('<div class="hhperf">')
    assert len(data["text/plain"].splitlines()) == 1


def test_completion_offers_what_a_run_can_do(kernel: Kernel) -> None:
    """The public names, no others."""
    recorded = data_dir() / "runs" / "plan-rerank-off"
    kernel.run(f"run = hhperf.load_run({str(recorded)!r})")
    offered = kernel.complete("run.")
    assert {"counts", "frame", "metadata", "pairs", "path", "spans", "status"} <= set(offered)
    assert not [name for name in offered if name.startswith("_")]


def test_completion_offers_the_facade(kernel: Kernel) -> None:
    """And nothing that it is made of."""
    offered = kernel.run("print(*hhperf.__all__)").printed.split()
    assert sorted(kernel.complete("hhperf.")) == sorted(offered)


def test_a_question_mark_tells_the_arguments(kernel: Kernel) -> None:
    """The signature with its defaults, and what each is for."""
    said = kernel.inspect("hhperf.compare")
    assert "threshold" in said
    assert "Args:" in said
