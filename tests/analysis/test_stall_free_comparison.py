"""The comparison where the machine stalled."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.censoring import Censoring
from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.analysis.exposure import Exposed
from hhperf.analysis.product_limit import effective_number
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.simulate_stalls import StalledPairs, stalled_triples
from hhperf.errors import SampleError


def _compared(made: StalledPairs, **options: Any) -> Comparison:
    seen = made.seen
    options = {"quantiles": (0.5, 0.95), "replicates": 500, **options}
    return compare_samples(seen.control, seen.treatment, censoring=made.censoring, **options)


def _unstalled(made: StalledPairs) -> Censoring:
    """The run as it would be had every stall come a little later."""
    never, nothing = np.full(len(made.free.control), math.inf), np.zeros(len(made.free.control))
    return replace(
        made.censoring,
        control_clean=never,
        treatment_clean=never,
        control_stalled=nothing,
        treatment_stalled=nothing,
        joint_clean=never,
    )


def test_where_no_request_met_a_stall_nothing_changes(rng: np.random.Generator) -> None:
    """To the bit, in every figure and word."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.06)
    plain = compare_samples(made.free.control, made.free.treatment)
    found = compare_samples(made.free.control, made.free.treatment, censoring=_unstalled(made))
    assert found == plain
    assert found.to_dict() == plain.to_dict()


def test_the_saving_without_stalls_stands_in_front(rng: np.random.Generator) -> None:
    """With the saving of all data behind it, and how much was hidden."""
    made = stalled_triples(rng, 1_000, share=0.06, burst_s=0.06, q=0.95)
    found, plain = _compared(made), compare_samples(made.seen.control, made.seen.treatment)
    for result in found.results:
        assert result.all_data is not None
        assert result.all_data.point == plain[result.statistic].estimate.point
        assert result.estimate.point != result.all_data.point
    assert "product limit" in found["p95"].estimate.method
    assert "pairs in clean windows" in found["mean"].estimate.method
    assert found.censored is not None
    clean = made.censoring.control_clean
    assert found.censored.effective == effective_number(made.seen.control, clean, 0.95)
    assert found.censored.control == pytest.approx(0.27, abs=0.05)
    assert "the savings are those without stalls" in found.warnings[-1]


def test_the_mean_without_stalls_is_near_that_of_a_quiet_machine(
    rng: np.random.Generator,
) -> None:
    """From a third of the pairs, within its own interval."""
    made = stalled_triples(rng, 2_000, share=0.06, burst_s=0.06)
    free = compare_samples(made.free.control, made.free.treatment)["mean"].estimate
    assert _compared(made)["mean"].estimate.point == pytest.approx(free.point, abs=0.003)


def test_alike_stalls_leave_the_verdict_to_the_saving_without_them(
    rng: np.random.Generator,
) -> None:
    """Thousands of stalls that met both arms alike: 27% exceed a fifth, all data or not."""
    made = stalled_triples(rng, 4_000, share=0.2, burst_s=0.06, saving=0.27, q=0.5)
    found = _compared(made)
    assert found.censored is not None
    assert found.censored.exposure.state is Exposed.EQUAL
    assert found["p50"].verdict is Verdict.EXCEEDS
    assert found["p50"].bounds is not None
    assert found["p50"].bounds.verdict(0.2) is None


def test_too_few_stalls_to_tell_leave_it_open(rng: np.random.Generator) -> None:
    """The interval is clear, and yet nobody knows whether the treatment brought the stalls."""
    made = stalled_triples(rng, 800, share=0.06, burst_s=0.4, saving=0.3, q=0.95)
    found = _compared(made)["p95"]
    assert found.estimate.lower > 0.2
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "too few stalls to tell whether they met both arms alike" in found.estimate.warnings[-1]
    assert "stalls would do" in found.estimate.warnings[-1]


def test_a_verdict_that_holds_in_the_worse_case_needs_no_stalls_at_all(
    rng: np.random.Generator,
) -> None:
    """Half saved is more than a fifth, and the reason is said."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.4, saving=0.5, q=0.5)
    found = _compared(made)
    assert found.censored is not None
    assert found.censored.exposure.state is Exposed.TOO_FEW
    assert found["p50"].verdict is Verdict.EXCEEDS
    assert found["p50"].bounds is not None
    assert found["p50"].estimate.warnings[-1] == (
        "EXCEEDS holds in the worse case: whatever the stalls did, the saving is at least"
        f" {found['p50'].bounds.least.lower:.1%}"
    )
    assert compare_samples([1.0, 2.0], [1.0, 2.0]).censored is None


def test_stalls_that_the_treatment_brings_void_it(rng: np.random.Generator) -> None:
    """Half of the control's stalls taken away: what is left is not a neighbour's fault."""
    made = stalled_triples(rng, 2_000, share=0.2, burst_s=0.06, saving=0.25, q=0.5)
    spared = rng.random(2_000) < 0.5
    old = made.censoring
    fewer = replace(
        old,
        control_clean=np.where(spared, math.inf, old.control_clean),
        control_stalled=np.where(spared, 0.0, old.control_stalled),
        control_onset=np.where(spared, -1, old.control_onset),
    )
    control = np.where(spared, made.free.control, made.seen.control)
    seen = replace(made.seen, control=control)
    found = _compared(StalledPairs(seen, made.free, fewer))["p50"]
    assert found.verdict is Verdict.NOT_MEASURABLE
    assert "the machine stalled more while the treatment ran" in found.estimate.warnings[-1]


def test_a_tail_that_stalls_hid_is_not_measurable(rng: np.random.Generator) -> None:
    """500 requests of which seven in ten met a stall do not know p95."""
    made = stalled_triples(rng, 500, share=0.2, burst_s=0.06, saving=0.25, q=0.95)
    found = _compared(made)["p95"]
    assert found.verdict is Verdict.NOT_MEASURABLE
    assert "too few; fewer requests in flight" in found.estimate.warnings[-1]


def test_failures_that_met_a_stall_are_not_failures(rng: np.random.Generator) -> None:
    """A tenth of the requests timed out because of stalls: p95 is seen all the same."""
    made = stalled_triples(rng, 1_000, share=0.06, burst_s=0.4, q=0.95)
    met = made.seen.treatment > made.censoring.treatment_clean
    treatment = np.where(met, math.inf, made.seen.treatment)
    found = _compared(replace(made, seen=replace(made.seen, treatment=treatment)), timeout=5.0)
    assert found["p95"].estimate.point == pytest.approx(0.2, abs=0.03)
    assert found.failures.treatment == int(met.sum()) > 0


def test_a_failed_gate_voids_what_is_left(rng: np.random.Generator) -> None:
    """As it does without stalls."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.4, saving=0.5, q=0.5)
    found = _compared(made, gates=[Gate("cache hit ratios", GateState.FAILED, "", "")])
    assert {result.verdict for result in found.results} == {Verdict.NOT_MEASURABLE}
    assert found["p50"].all_data is not None


def test_json_has_the_new_figures_only_where_there_are_any(rng: np.random.Generator) -> None:
    """And no number that JSON does not know."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.4)
    plain = _compared(made).to_dict()
    assert list(plain)[-1] == "censored"
    assert list(plain["estimates"][0])[-3:] == ["all_data", "least", "most"]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_a_smooth_quantile_of_hidden_latencies_is_refused(rng: np.random.Generator) -> None:
    """A mean of order statistics needs them all."""
    made = stalled_triples(rng, 100, share=0.06, burst_s=0.06)
    with pytest.raises(SampleError, match="order statistics only"):
        _compared(made, estimator="harrell-davis")


def test_censoring_belongs_to_the_pairs(rng: np.random.Generator) -> None:
    """Each array has an entry for each pair, and one that has not is named."""
    made = stalled_triples(rng, 50, share=0.06, burst_s=0.06)
    for name, values in made.censoring.arrays().items():
        one_less: dict[str, Any] = {name: values[1:]}
        short = replace(made.censoring, **one_less)
        with pytest.raises(SampleError, match=f"censoring.{name} has shape"):
            _compared(replace(made, censoring=short))


@pytest.mark.parametrize(("value", "said"), [(-1.0, "times"), (math.nan, "times"), (math.inf, "")])
def test_lengths_are_finite_times(rng: np.random.Generator, value: float, said: str) -> None:
    """A failed request too ends some time."""
    made = stalled_triples(rng, 50, share=0.06, burst_s=0.06)
    wrong = replace(made.censoring, joint_length=np.full(50, value))
    with pytest.raises(SampleError, match=f"joint_length must.*{said}"):
        _compared(replace(made, censoring=wrong))
