"""The plugin for pytest: a latency claim is a test. Nothing is loaded before one is made.

::

    def test_saving(latency_claim):
        latency_claim(old, new, log).exceeds(0.20, at="p95")
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hhperf.experiment.latency_claim import Judgement, Measured
    from hhperf.harness.replay_plan import Log
    from hhperf.harness.target import Call
    from hhperf.runs.run import Run

NAME = "latency_claim"
RUN = "hhperf_run"
OUTCOMES: Mapping[str, Callable[[str], object]] = {
    "fail": pytest.fail,
    "skip": pytest.skip,
    "pass": lambda _: None,
}
__tracebackhide__ = True
OPEN = {"INCONCLUSIVE": "inconclusive", "NOT_MEASURABLE": "not_measurable"}
"""The option that says what becomes of a claim that the measurement leaves open."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the folder that runs are kept in."""
    parser.getgroup("hhperf").addoption(
        "--hhperf-runs",
        metavar="DIR",
        type=Path,
        help="keep the runs of latency claims here, a folder for each (default: in basetemp)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{NAME}(**options): options of the claims in a test, such as at='p50', warm_up=5 or"
        " inconclusive='skip'; every test that makes claims has the marker",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what makes claims, so that `-m latency_claim` finds it."""
    if NAME in getattr(item, "fixturenames", ()):
        item.add_marker(NAME)


@pytest.fixture
def latency_claim(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Measured]:
    """Measure two async callables on a log; a claim of the result passes or fails the test.

    `latency_claim(old, new, log)` measures, and `.exceeds(0.20, at="p95")`, `.below(0.20)` and
    `.no_slower_than(0.05)` claim; `latency_claim(run)` takes a run that was recorded before, or
    its folder. A claim holds where its whole interval does and every gate allows
    it; else the test fails with the verdict's sentence. Options, here or in the marker:

    - `at`: the statistic of claims that name none; `p95` by default.
    - `inconclusive`, `not_measurable`: `fail` (the default), `skip` or `pass`.
    - `warm_up`, `cache_state`, `timeout_s`, `patience_s`, `seed`: as for `compare_callables`.
    """
    marked = {
        name: value
        for mark in reversed(list(request.node.iter_markers(NAME)))
        for name, value in mark.kwargs.items()
    }
    root = request.config.getoption("--hhperf-runs")
    base = tmp_path_factory.getbasetemp()
    kept = base / "hhperf" if root is None else root.resolve()

    def measure(
        old: Call | Run | Path | str, new: Call | None = None, log: Log | None = None, **given: Any
    ) -> Measured:
        """Measure two async callables on a log, or take a run that was recorded before."""
        from hhperf.errors import SampleError  # noqa: PLC0415  (heavy, as are the next)
        from hhperf.experiment.callables import record_callables  # noqa: PLC0415
        from hhperf.experiment.latency_claim import Measured  # noqa: PLC0415
        from hhperf.runs.fresh_folder import fresh_folder  # noqa: PLC0415
        from hhperf.runs.run import Run, load_run  # noqa: PLC0415

        options = {"seed": 0, "at": "p95"} | marked | given
        at, seed = options.pop("at"), options["seed"]
        becomes = {each: _checked(options.pop(each, "fail"), each) for each in OPEN.values()}
        judge = _judge(request.node, becomes)
        if isinstance(old, Run | Path | str):
            return Measured(old if isinstance(old, Run) else load_run(old), seed, judge, at)
        if new is None or log is None:
            raise SampleError("latency_claim takes two async callables and a log, or a run")
        folder = fresh_folder(kept / _named(request.node.nodeid))
        with _alone(base):
            run = record_callables(old, new, log, folder, progress=False, **options)
        return Measured(run, seed, judge, at)

    return measure


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say every verdict, those of claims that hold as well: how narrowly is news."""
    reports = [
        report
        for outcome in ("passed", "failed", "skipped")
        for report in terminalreporter.getreports(outcome)
    ]
    said = [
        f"{report.nodeid}: {value}"
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == NAME
    ]
    if said:
        terminalreporter.section("latency claims")
        for line in said:
            terminalreporter.line(line)


def _judge(node: pytest.Item, becomes: Mapping[str, str]) -> Callable[[Judgement], None]:
    def judge(found: Judgement) -> None:
        from hhperf.show.sentences import gates_sentences, verdict_sentence  # noqa: PLC0415

        verdict = verdict_sentence(found.run, found.comparison)
        node.user_properties += [(NAME, verdict), (RUN, str(found.run.path))]
        if found.holds:
            return
        gates = [each for each in found.comparison.gates if not each.passed]
        said = [f"Not shown: {found.claim}.", verdict, *(gates_sentences(gates) if gates else ())]
        word = OPEN.get(found.comparison.verdict.value)
        outcome = "fail" if word is None else becomes[word]
        OUTCOMES[outcome]("\n".join([*said, f"The run: {found.run.path}"]))

    return judge


def _checked(outcome: object, option: str) -> str:
    from hhperf.errors import SampleError, unknown  # noqa: PLC0415

    if outcome not in OUTCOMES:
        raise SampleError(f"{option} is {outcome!r}: {unknown(outcome, OUTCOMES)}")
    return str(outcome)


def _named(nodeid: str) -> str:
    """A test's name as that of a folder."""
    return re.sub(r"[^\w.-]+", "-", nodeid).strip("-")[-120:]


@contextmanager
def _alone(basetemp: Path) -> Iterator[None]:
    """Let the workers of one session measure in turns: side by side they would disturb each other.

    Each worker of xdist has a folder of its own in the session's.
    """
    with (basetemp.parent / "hhperf.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
