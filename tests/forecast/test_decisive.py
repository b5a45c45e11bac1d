"""Critical paths, slack and what a millisecond off saves, against what can be reckoned by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.forecast.decisive import decisive, slack
from hhperf.forecast.taken_apart import latencies
from tests.forecast.fabricated import BUDGETS_MS, requests_of

WITH_RERANK = {**BUDGETS_MS, "rerank": 200}


@pytest.mark.parametrize(
    ("schedule", "milliseconds", "plain", "reranked"),
    [
        ("sequential", {"embedding", "specialty", "vector", "text", "ranking"}, 350, 550),
        ("parallel", {"embedding", "vector", "text", "ranking"}, 230, 430),
        ("eager", {"embedding", "vector", "ranking"}, 230, 430),
    ],
)
def test_budgets_add_up_by_hand(
    schedule: str, milliseconds: set[str], plain: float, reranked: float
) -> None:
    """Each arm's length and critical stages on the plan's budgets, exactly."""
    requests = requests_of(schedule, BUDGETS_MS)
    assert latencies(requests) == pytest.approx([plain / 1e3], abs=1e-12)
    assert latencies(requests_of(schedule, WITH_RERANK)) == pytest.approx([reranked / 1e3])
    found = decisive(requests).stages
    assert {name for name, each in found.items() if each.around_p50} == milliseconds


def test_slack_is_what_a_stage_may_last_longer() -> None:
    """In the parallel arm the specialty lookup has 30 ms beside an embedding of 50."""
    spare = slack(requests_of("parallel", BUDGETS_MS))
    assert spare["specialty"] == pytest.approx([0.030])
    assert spare["vector"] == pytest.approx([0.0], abs=1e-12)


def test_the_slowest_have_a_path_of_their_own() -> None:
    """A text search that is slow in one request of twenty decides that one alone."""
    text = np.where(np.arange(100) % 20 == 0, 400.0, 90.0)
    found = decisive(requests_of("eager", {**BUDGETS_MS, "text": text}, n=100)).stages
    assert (found["text"].around_p50, found["text"].among_slowest) == (0.0, 1.0)
    assert (found["vector"].around_p50, found["vector"].among_slowest) == (1.0, 0.0)


@pytest.mark.parametrize(("stage", "gain"), [("embedding", 1.0), ("specialty", 0.0)])
def test_a_millisecond_off_saves_one_on_the_path_and_none_beside_it(
    stage: str, gain: float
) -> None:
    """At every quantile, where all requests are alike."""
    found = decisive(requests_of("parallel", BUDGETS_MS, n=9)).stages[stage]
    assert (found.gain_p50, found.gain_p95) == pytest.approx((gain, gain))


@given(
    st.sampled_from(["sequential", "parallel", "eager", "vector, text < specialty"]),
    st.fixed_dictionaries(dict.fromkeys(BUDGETS_MS, st.floats(1, 300))),
    st.sampled_from(list(BUDGETS_MS)),
)
def test_using_up_the_slack_changes_nothing_and_more_does(
    schedule: str, milliseconds: dict[str, float], stage: str
) -> None:
    """That is what slack means."""
    requests = requests_of(schedule, milliseconds)
    (spare,) = slack(requests)[stage]
    part = requests.parts[stage]
    for more, late in ((spare, 0.0), (spare + 0.01, 0.01)):
        longer = replace(part, before=part.before + more)
        found = latencies(requests.with_parts(**{stage: longer}))
        assert found == pytest.approx(latencies(requests) + late, abs=1e-9)
