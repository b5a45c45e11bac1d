"""The comparison as a whole."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.analysis.savings import compare_runs, compare_samples, primary_of
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.errors import SampleError

BAD = Gate("cache hit ratios", GateState.FAILED, "control 50%, treatment 90%", "within 10 points")


def test_a_clear_saving_exceeds(rng: np.random.Generator) -> None:
    """40% saved is more than 20% at every statistic with enough pairs."""
    sample = lognormal(rng, 2_000, saving=0.40, q=0.5)
    found = compare_samples(sample.control, sample.treatment)
    assert [result.statistic for result in found.results] == ["mean", "p50", "p90", "p95", "p99"]
    assert {result.verdict for result in found.results} == {Verdict.EXCEEDS}


def test_no_saving_is_below(rng: np.random.Generator) -> None:
    """The same latencies twice save nothing."""
    sample = lognormal(rng, 2_000)
    found = compare_samples(sample.control, sample.control)
    assert (found.verdict, found["p95"].estimate.point) == (Verdict.BELOW, 0.0)


def test_an_open_question_says_what_it_takes(rng: np.random.Generator) -> None:
    """INCONCLUSIVE comes with the pairs still needed."""
    sample = lognormal(rng, 500, saving=0.20, q=0.95)
    result = compare_samples(sample.control, sample.treatment)["p95"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.pairs_needed is not None
    assert f"({result.pairs_needed:,} in all)" in result.estimate.warnings[-1]


def test_a_thin_tail_is_not_measurable(rng: np.random.Generator) -> None:
    """p99 of 500 pairs rests on five requests."""
    sample = lognormal(rng, 500, saving=0.6)
    result = compare_samples(sample.control, sample.treatment)["p99"]
    assert result.verdict is Verdict.NOT_MEASURABLE
    assert result.estimate.warnings == ("not measurable: p99 takes 2,000 pairs or more",)


def test_a_failed_gate_voids_every_verdict(rng: np.random.Generator) -> None:
    """The numbers stay, the verdicts go, and the gate is named."""
    sample = lognormal(rng, 2_000, saving=0.5)
    found = compare_samples(sample.control, sample.treatment, gates=[BAD])
    assert {result.verdict for result in found.results} == {Verdict.NOT_MEASURABLE}
    assert "cache hit ratios" in found["mean"].estimate.warnings[-1]


def test_a_gate_voids_the_statistics_it_is_about(rng: np.random.Generator) -> None:
    """The others keep their verdict and are told nothing."""
    sample = lognormal(rng, 2_000, saving=0.5, q=0.5)
    tail = replace(BAD, voids=("p95",))
    found = compare_samples(sample.control, sample.treatment, gates=[tail])
    assert found["p95"].verdict is Verdict.NOT_MEASURABLE
    assert found["p50"] == compare_samples(sample.control, sample.treatment)["p50"]


def test_a_gate_that_cannot_tell_leaves_nothing_conclusive(rng: np.random.Generator) -> None:
    """The reason and the result say how many pairs would do."""
    sample = lognormal(rng, 2_000, saving=0.5, q=0.5)
    unsure = replace(BAD, name="A/A' p95", state=GateState.TOO_FEW, voids=("p95",), needs=8_500)
    found = compare_samples(sample.control, sample.treatment, gates=[unsure])
    assert (found["p95"].verdict, found["p95"].pairs_needed) == (Verdict.INCONCLUSIVE, 8_500)
    assert "(A/A' p95: 8,500 pairs would do)" in found["p95"].estimate.warnings[-1]
    assert found["p50"].verdict is Verdict.EXCEEDS


def test_a_gate_that_cannot_tell_leaves_an_open_question_as_it_is(
    rng: np.random.Generator,
) -> None:
    """What has no verdict cannot lose one."""
    sample = lognormal(rng, 500, saving=0.20, q=0.95)
    unsure = replace(BAD, state=GateState.TOO_FEW)
    plain = compare_samples(sample.control, sample.treatment)
    gated = plain.with_gates([unsure])
    assert [gated[name] for name in ("p95", "p99")] == [plain[name] for name in ("p95", "p99")]


@pytest.mark.parametrize(
    ("bias", "verdict"), [(0.05, Verdict.EXCEEDS), (0.4, Verdict.INCONCLUSIVE)]
)
def test_a_bias_that_would_not_change_the_verdict_leaves_it(
    rng: np.random.Generator, bias: float, verdict: Verdict
) -> None:
    """A saving of 40% is more than 20% whatever 5% of bias do, and says so; 40% could make it."""
    sample = lognormal(rng, 2_000, saving=0.40, q=0.5)
    unsure = replace(BAD, state=GateState.TOO_FEW, bias=bias)
    result = compare_samples(sample.control, sample.treatment, gates=[unsure])["p50"]
    assert result.verdict is verdict
    assert any("bias of 5.0%" in each for each in result.estimate.warnings) is (bias == 0.05)


def test_a_failed_gate_weighs_more_than_one_that_cannot_tell(rng: np.random.Generator) -> None:
    """Also where both concern one statistic."""
    sample = lognormal(rng, 2_000, saving=0.5)
    gates = [replace(BAD, state=GateState.TOO_FEW), BAD]
    found = compare_samples(sample.control, sample.treatment, gates=gates)
    assert {result.verdict for result in found.results} == {Verdict.NOT_MEASURABLE}


def test_two_clusters_are_not_resampled(rng: np.random.Generator) -> None:
    """Two tenants say nothing of other tenants."""
    sample = lognormal(rng, 2_000, saving=0.5)
    found = compare_samples(sample.control, sample.treatment, np.arange(2_000) % 2)
    assert found.verdict is Verdict.NOT_MEASURABLE
    assert "2 clusters" in found["p95"].estimate.warnings[-1]


def test_few_clusters_are_warned_about(rng: np.random.Generator) -> None:
    """Twenty clusters give an answer, with a caution."""
    sample = lognormal(rng, 2_000, saving=0.5)
    found = compare_samples(sample.control, sample.treatment, np.arange(2_000) % 20)
    assert found.verdict is Verdict.EXCEEDS
    assert "intervals are too short" in found.warnings[0]


def test_the_primary_statistic_carries_the_verdict(rng: np.random.Generator) -> None:
    """A saving at the median that is none at p95 depends on what is asked."""
    sample = lognormal(rng, 3_000, saving=0.5, q=0.5)
    treatment = np.where(np.arange(3_000) % 8, sample.treatment, 20.0)
    assert compare_samples(sample.control, treatment).verdict is Verdict.BELOW
    assert compare_samples(sample.control, treatment, primary="p50").verdict is Verdict.EXCEEDS


def test_json_has_the_promised_form(rng: np.random.Generator) -> None:
    """The keys are exactly those that other tools read."""
    sample = clustered(rng, 800)
    plain = compare_samples(sample.control, sample.treatment, gates=[BAD]).to_dict()
    assert list(plain) == [
        "threshold", "n_pairs", "estimates", "gates", "period_effect", "verdict",
    ]  # fmt: skip
    assert list(plain["estimates"][0]) == [
        "statistic",
        "saving",
        "lower",
        "upper",
        "p_value",
        "verdict",
        "method",
        "warnings",
    ]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_failures_are_counted_and_undefined_numbers_are_null() -> None:
    """JSON has no NaN and no infinity."""
    control = np.array([1.0] * 990 + [math.inf] * 10)
    found = compare_samples(control, np.full(1_000, 0.5), quantiles=(0.5, 0.995))
    assert (found.failures.control, found.failures.treatment) == (10, 0)
    assert found.to_dict()["estimates"][0]["saving"] is None


def test_a_coarse_clock_is_warned_about(rng: np.random.Generator) -> None:
    """Five distinct latencies cannot carry a quantile's interval."""
    control = rng.integers(1, 6, 1_000).astype(float)
    found = compare_samples(control, control)
    assert "too coarse" in found.warnings[0]


def test_one_pair_is_not_measurable() -> None:
    """One pair is answered, with no verdict on anything."""
    found = compare_samples([2.0], [1.0])
    assert {result.verdict for result in found.results} == {Verdict.NOT_MEASURABLE}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.0}, "below 1"),
        ({"threshold": math.nan}, "below 1"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"timeout": 0.0}, "positive"),
        ({"replicates": 1}, "too few"),
        ({"primary": "p42"}, "there are mean, p50"),
        ({"quantiles": (95,)}, "between 0 and 1"),
    ],
)
def test_unusable_options_are_refused(options: dict[str, Any], message: str) -> None:
    """Each error says what would do instead."""
    with pytest.raises(SampleError, match=message):
        compare_samples([1.0, 2.0], [1.0, 2.0], **options)


def test_an_unknown_statistic_is_named(rng: np.random.Generator) -> None:
    """Asking for what was not computed lists what was."""
    with pytest.raises(SampleError, match="there are mean, p50"):
        compare_samples([1.0, 2.0], [1.0, 2.0])["p42"]


def test_runs_that_agree_exceed_together(rng: np.random.Generator) -> None:
    """Twelve runs that save 40% settle it, with the run as the unit."""
    sample = lognormal(rng, 12 * 500, saving=0.4, q=0.5)
    found = compare_runs(sample.control, sample.treatment, np.arange(12 * 500) % 12)
    assert (found.verdict, found.n_clusters, found.cluster_level) == (Verdict.EXCEEDS, 12, "run")
    assert found["p99"].verdict is Verdict.NOT_MEASURABLE
    assert "run 1 has 500" in found["p99"].estimate.warnings[-1]


def test_runs_that_contradict_each_other_settle_nothing(rng: np.random.Generator) -> None:
    """One process saw +40%, the next -10%: no number of pairs decides between them."""
    sample, run = lognormal(rng, 4_000, saving=0.0, q=0.5), np.arange(4_000) % 2
    treatment = np.where(run, 0.6, 1.1) * sample.treatment
    found = compare_runs(sample.control, treatment, run)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert any("more runs" in warning for warning in found["p95"].estimate.warnings)


def test_run_labels_belong_to_pairs() -> None:
    """Every pair was measured in some run."""
    with pytest.raises(SampleError, match="1 labels for 2 pairs"):
        compare_runs([1.0, 2.0], [1.0, 2.0], ["a"])


def test_asking_for_any_of_the_savings_costs_more(rng: np.random.Generator) -> None:
    """Holm multiplies the smallest p-value by the number of questions."""
    sample = lognormal(rng, 2_000, saving=0.22)
    found = compare_samples(sample.control, sample.treatment)
    least = min(found.results, key=lambda result: result.estimate.p_value)
    expected = min(1.0, 5 * least.estimate.p_value)
    assert found.adjusted_p_values()[least.statistic] == pytest.approx(expected)


def test_a_hundred_replicates_are_the_fewest(rng: np.random.Generator) -> None:
    """One fewer has no 1% tail at all."""
    sample = lognormal(rng, 100)
    arms = sample.control, sample.treatment
    assert compare_samples(*arms, quantiles=(0.5,), replicates=100)["p50"].estimate.defined
    with pytest.raises(SampleError, match="99 replicates are too few"):
        compare_samples(*arms, quantiles=(0.5,), replicates=99)


def test_without_p95_the_farthest_statistic_decides() -> None:
    """Named last."""
    assert primary_of(["mean", "p50", "p99"]) == "p99"
    assert primary_of(["mean", "p95", "p99"]) == "p95"


def test_a_timeout_without_end_is_refused(rng: np.random.Generator) -> None:
    """It would cut nothing, and failures would make every mean endless."""
    sample = lognormal(rng, 100)
    with pytest.raises(SampleError, match="timeout inf must be positive and finite"):
        compare_samples(sample.control, sample.treatment, timeout=math.inf)
