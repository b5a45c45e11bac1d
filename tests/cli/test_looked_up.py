"""`hhperf lookups`, and the options that change what becomes of lookups."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hhperf.runs.run import Run
from tests.cli.conftest import Ended

Command = Callable[..., Ended]


def test_a_run_whose_requests_share_no_cache_is_bad_input(command: Command, plan_run: Run) -> None:
    """It says how to record one."""
    ended = command("lookups", str(plan_run.path))
    assert (ended.code, "--cache-state natural" in ended.err) == (4, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--virtual-speedup", "embedding"], "say STAGE=FACTOR"),
        (["--virtual-speedup", "embedding=half"], "say STAGE=FACTOR"),
        (["--virtual-speedup", "text=0.5", "--target", "control=http://a", "--target",
          "treatment=http://b"], "are for arms"),
        (["--label", "commit"], "NAME=VALUE"),
    ],
    ids=["no-factor", "no-number", "deployments", "label"],
)  # fmt: skip
def test_what_cannot_be_changed_is_told(
    command: Command, tmp_path: Path, options: list[str], said: str
) -> None:
    """Before anything is started."""
    ended = command("replay", str(tmp_path / "run"), *options)
    assert (ended.code, said in ended.err) == (4, True)


def test_a_burst_is_shown_before_it_is_sent(command: Command) -> None:
    """So many lines at one moment, of one text."""
    ended = command(
        "load", "unused", "--dry-run", "--rate=2", "--seconds=1", "--arrivals=evenly",
        "--rounds=1", "--burst=3",
    )  # fmt: skip
    head, *lines = ended.out.splitlines()
    assert head == "# evenly, 2/s for 1 s, in bursts of 3: 6 requests an arm"
    assert len({line.split()[2] for line in lines[:3]}) == 1


def test_clients_come_in_no_bursts(command: Command) -> None:
    """They wait for their answers."""
    ended = command("load", "unused", "--dry-run", "--clients=3", "--burst=2")
    assert (ended.code, "open loop" in ended.err) == (4, True)
