"""What the machine lost, in words and as a strip."""

from collections.abc import Callable
from pathlib import Path

from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.show.findings import Findings
from hhperf.show.machine import machine_sentence
from tests.runs.conftest import METADATA, observe_pair


def test_a_machine_that_never_stood_still_says_so(stalled_run: Callable[..., Run]) -> None:
    """With how long a stall must be, and what the kernel says."""
    assert machine_sentence(stalled_run((0, 500, 20))) == (
        "The machine never stood still for 45.0 ms or longer; by the kernel's accounts 0.0% stolen"
        " by the hypervisor."
    )


def test_what_was_lost_is_said_with_the_longest(stalled_run: Callable[..., Run]) -> None:
    """The mean over both cores."""
    run = stalled_run((0, 500, 4_000), (1, 500, 4_000), (0, 100_500, 100))
    assert machine_sentence(run).startswith(
        "The machine lost 1.0% of its time to others (2 stalls of 45.0 ms or more, the longest"
        " 4,000 ms)"
    )


def test_a_quota_is_told_with_what_to_do(stalled_run: Callable[..., Run]) -> None:
    """It is this machine's own doing, and no stall."""
    run = stalled_run(accounts=(("throttled", 40_000), ("pressure", 80_000)))
    assert machine_sentence(run).endswith(
        "some task waiting for a core 20.0% of the time, 10.0% taken by a quota of this container:"
        " raise it."
    )


def test_the_verdict_says_what_it_is_without_and_with_stalls(
    stalled_run: Callable[..., Run],
) -> None:
    """What all data would have said stands at its end."""
    run = stalled_run(
        *((core, 1_000 * pair + 300, 300) for pair in range(0, 400, 8) for core in (0, 1))
    )
    said = Findings.of(run).verdict
    assert "of the latency of sequential with stalls censored, " in said
    assert "; the machine lost 3.8% of its time to others (50 stalls of 45.0 ms" in said
    assert "; all data: 44.4% (" in said


def test_a_run_without_a_stall_clock_says_so(tmp_path: Path) -> None:
    """That nothing is known is no quiet machine."""
    with RunWriter(tmp_path, METADATA) as writer:
        writer.add(*observe_pair(0))
    assert machine_sentence(load_run(tmp_path)).startswith("No stall clock ran")
