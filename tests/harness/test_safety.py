"""Whose machine a target is, and what may be done to it."""

import pickle
from typing import Any

import pytest

from hhperf.errors import PlanError
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.safety import (
    Safety,
    addresses_of,
    is_elsewhere,
    read_latency,
    read_share,
)


@pytest.mark.parametrize(
    ("addresses", "elsewhere"),
    [
        (["127.0.0.1"], False),
        (["127.8.8.8", "::1"], False),
        (["::ffff:127.0.0.1"], False),
        (["10.0.0.7"], True),
        (["127.0.0.1", "203.0.113.7"], True),
        (["fe80::1%eth0"], True),
        (["0.0.0.0"], True),
        ([], True),
    ],
)
def test_only_loopback_is_this_machine(addresses: list[str], elsewhere: bool) -> None:
    """Every address has to be: a name may lead to several."""
    assert is_elsewhere(addresses) is elsewhere


def test_a_name_counts_by_its_addresses() -> None:
    """Whatever it is called."""
    assert not is_elsewhere(addresses_of("localhost", 80))
    here = HttpTarget("http://search.example.com", resolve=lambda _host, _port: ["127.0.0.1"])
    there = HttpTarget("http://localhost:8080", resolve=lambda _host, _port: ["203.0.113.7"])
    assert here.elsewhere() is None
    assert (where := there.elsewhere())
    assert (where.place, where.safety) == ("http://localhost:8080", Safety())


def test_a_name_without_an_address_is_taken_for_elsewhere() -> None:
    """Who cannot tell is careful."""

    def fail(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert HttpTarget("http://nowhere.invalid", resolve=fail).elsewhere() is not None


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"max_rate_hz": 0}, "max_rate_hz is 0"),
        ({"max_in_flight": 0}, "max_in_flight is 0"),
        ({"abort_errors": 1.5}, "from 0 to 1"),
        ({"abort_factor": 0.5}, "above 1"),
        ({"abort_latency_s": float("nan")}, "abort_latency_s is nan"),
    ],
)
def test_numbers_that_cannot_be_used_are_named(numbers: Any, said: str) -> None:
    """Before anything is sent."""
    with pytest.raises(PlanError, match=said):
        Safety(**numbers)


def test_a_worker_gets_the_bounds_and_has_nobody_to_ask() -> None:
    """What asks cannot go to another process."""
    given = Safety(max_rate_hz=3, abort_latency_s=2, confirm=lambda _: True)
    kept = pickle.loads(pickle.dumps(given))
    assert kept == given
    assert kept.confirm is None


def test_bounds_in_words() -> None:
    """As a command line has them."""
    assert [read_share("--e", each) for each in ("5%", "0.1", "none")] == [0.05, 0.1, 1.0]
    assert read_latency("--l", "4x") == (4.0, None)
    assert read_latency("--l", "2s") == read_latency("--l", "2000ms") == (None, 2.0)
    assert read_latency("--l", "none") == (None, None)
    with pytest.raises(PlanError, match="--l: 'slow' is no number: give 5x"):
        read_latency("--l", "slow")
