"""What a plan says of itself."""

import pytest

from hhperf.harness.load_plan import plan_load
from hhperf.harness.paired_plan import plan_pairs
from hhperf.runs.observation import Arm
from hhperf.show.harness_cards import blocks_table, load_card, paired_card, pairs_table
from hhperf.workload.schedules import closed_loop, constant, evenly
from tests.harness.conftest import Log, make_log


@pytest.fixture
def log() -> Log:
    """Thirty requests."""
    return make_log(30)


def test_a_paired_plan_s_repr_is_one_line(log: Log) -> None:
    """Counts and conditions, no arrays."""
    plan = plan_pairs(log, cache_state="cold", seed=1, warm_up=5, in_flight=3)
    assert repr(plan) == "PairedPlan(25 pairs of 'memory', 3 in flight, cache cold)"


def test_a_paired_plan_shows_its_first_pairs(log: Log) -> None:
    """Each with its order of arms, as it will be sent."""
    plan = plan_pairs(log, cache_state="cold", seed=1, warm_up=5)
    first, table = next(plan.pairs()), pairs_table(plan)
    assert table.rows[0] == ("0", ", ".join(first.order), "r5", "engenheiro 5")
    assert len(table.rows) + table.more == 25


@pytest.mark.parametrize(
    ("repetitions", "said"),
    [(1, "30 different ones, as logged"), (2, "30 different ones, as logged, 2 times over")],
)
def test_a_paired_plan_says_which_requests(log: Log, repetitions: int, said: str) -> None:
    """How many, and how they are taken."""
    plan = plan_pairs(log, cache_state="cold", seed=1, warm_up=0, repetitions=repetitions)
    assert dict(paired_card(plan).facts)["requests"] == said


def test_a_load_plan_tells_its_load(log: Log) -> None:
    """Every arm's, and how long it all takes."""
    plan = plan_load(log, evenly(constant(10, 4)), cache_state="natural", seed=1)
    facts = dict(load_card(plan).facts)
    assert repr(plan) == f"LoadPlan(80 requests of 'memory' for 3 arms, {plan.loads[0].label})"
    assert facts["lasts"] == "24 s of load, without warm-up and settling"
    assert facts["requests"] == "80 for each of control, treatment, control_again"


def test_a_load_plan_shows_its_first_blocks(log: Log) -> None:
    """In the order of measuring."""
    plan = plan_load(log, evenly(constant(10, 4)), cache_state="natural", seed=1, rounds=3)
    table = blocks_table(plan)
    assert [row[2] for row in table.rows] == [block.arm for block in plan.blocks[:6]]
    assert table.more == 3


def test_a_closed_loop_does_not_say_how_long_it_lasts(log: Log) -> None:
    """It is over when all is answered."""
    load = closed_loop(2, 40)
    plan = plan_load(log, load, cache_state="natural", seed=1, arms=[Arm.CONTROL])
    assert dict(load_card(plan).facts)["lasts"].startswith("until all are answered")
