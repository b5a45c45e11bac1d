"""Claims about one measurement."""

import pytest

from hhperf.errors import SampleError
from hhperf.experiment.latency_claim import Judgement, Measured
from hhperf.runs.run import load_run
from hhperf.workload.shipped import data_dir


@pytest.fixture
def judged() -> list[Judgement]:
    """What became of the claims."""
    return []


@pytest.fixture
def measured(judged: list[Judgement]) -> Measured:
    """The shipped run, in which 28% is saved at p95."""
    return Measured(load_run(data_dir() / "runs" / "plan-rerank-off"), 0, judged.append)


def test_each_claim_is_read_off_the_interval(measured: Measured, judged: list[Judgement]) -> None:
    """An interval to one side of the figure shows the one and not the other."""
    measured.exceeds(0.20)
    measured.below(0.20)
    measured.below(0.40, at="mean")
    measured.no_slower_than(0.01, at="p75")
    assert [each.holds for each in judged] == [True, False, True, True]
    assert judged[-1].claim == "parallel takes at most 1.0% longer at p75 against sequential"
    assert judged[-1].comparison.threshold == -0.01


def test_no_margin_is_no_claim(measured: Measured) -> None:
    """Of two that are equally fast no number of requests shows that nothing is lost."""
    with pytest.raises(SampleError, match=r"margin 0.0 must be above 0"):
        measured.no_slower_than(0.0)


def test_a_statistic_that_there_is_not_is_named(measured: Measured) -> None:
    """As everywhere."""
    with pytest.raises(SampleError, match=r"'95' is no statistic"):
        measured.exceeds(0.2, at="95")
