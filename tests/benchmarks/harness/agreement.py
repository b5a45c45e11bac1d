"""The same endpoint measured by hhperf and by wrk or hey, at one connection: do medians agree?

Run `python -m tests.benchmarks.harness.agreement [URL]`. Without a URL `hhperf serve` is started:
an arm of the search over the embedded stack. Each tool measures in turns, three times; the medians
of the medians are compared. Every tool sends the same request, over and over, and asks for an
answer of its own (`Cache-Control: no-cache`), so that each is a whole search.
"""

import contextlib
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hhperf.experiment.replay import replay_sync
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load_plan import plan_load
from hhperf.runs.observation import Arm
from hhperf.workload.schedules import closed_loop
from tests.benchmarks.harness.tools import installed, say
from tests.harness.conftest import Log, Logged

REQUESTS = 300
TURNS = 3
TENANT, BODY = "tenant-large", {"query": "engenheiro de dados python", "limit": 20}
HEADERS = {
    "Content-Type": "application/json",
    "X-Tenant-ID": TENANT,
    "Cache-Control": "no-cache",
}
PATH = "/v1/search/hybrid"


def main() -> None:
    """Prints each tool's median and how far they are apart."""
    with contextlib.ExitStack() as stack:
        url = sys.argv[1] if len(sys.argv) > 1 else stack.enter_context(_served())
        tools = {"hhperf": _hhperf}
        tools |= {"wrk": _wrk} if installed("wrk") else {}
        tools |= {"hey": _hey} if installed("hey") else {}
        medians: dict[str, list[float]] = {name: [] for name in tools}
        _hhperf(url)
        for _ in range(TURNS):
            for name, measure in tools.items():
                medians[name].append(measure(url))
    own = statistics.median(medians.pop("hhperf"))
    say(f"{'hhperf':<10}{own * 1e3:>10.3f} ms")
    for name, each in medians.items():
        other = statistics.median(each)
        say(f"{name:<10}{other * 1e3:>10.3f} ms, hhperf {own / other - 1:+.1%}")


def _hhperf(url: str) -> float:
    plan = plan_load(
        Log([Logged("r1", TENANT, None, BODY)]), closed_loop(1, REQUESTS), cache_state="natural",
        seed=0, rounds=1, arms=[Arm.CONTROL],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        targets = {Arm.CONTROL: HttpTarget(url, no_cache=True)}
        run = replay_sync(plan, targets, Path(folder) / "run", progress=False)
        frame = run.frame()
        assert (frame["outcome"] == "ok").all(), frame["error"].iloc[0]
        return float(np.median(frame["service_time_s"]))


def _wrk(url: str) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        lines = [f'wrk.headers["{name}"] = "{value}"' for name, value in HEADERS.items()]
        script.write(
            "\n".join(['wrk.method = "POST"', f"wrk.body = [[{json.dumps(BODY)}]]", *lines])
        )
        script.flush()
        said = _output("wrk", "-t1", "-c1", "-d8s", "--latency", "-s", script.name, url + PATH)
    [(number, unit)] = re.findall(r"50%\s+([0-9.]+)(us|ms|s)", said)
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[unit]


def _hey(url: str) -> float:
    headers = [part for name, value in HEADERS.items() for part in ("-H", f"{name}: {value}")]
    said = _output(
        "hey", "-n", str(REQUESTS), "-c", "1", "-m", "POST", *headers, "-d", json.dumps(BODY),
        url + PATH,
    )  # fmt: skip
    return float(re.findall(r"50% in ([0-9.]+) secs", said)[0])


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def _served() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from hhperf.cli.main import main; main()", "serve"]
    options = ["--port", str(port), "--candidates", "2000"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("hhperf serve did not start")


if __name__ == "__main__":
    main()
