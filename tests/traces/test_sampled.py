"""How many traces one stands for."""

import pytest

from hhperf.errors import TraceError
from hhperf.traces.sampled import refuse_tail, sampling_of


@pytest.mark.parametrize(
    ("attributes", "state", "weight"),
    [
        ({}, "", 0.0),
        ({}, "ot=th:0", 1.0),
        ({}, "ot=th:8", 2.0),
        ({}, "vendor=x, ot=rv:abc;th:c", 4.0),
        ({}, "ot=th:ff", 256.0),
        ({}, "ot=p:3;r:5", 8.0),
        ({}, "ot=p:63", 0.0),
        ({"sampling.probability": 0.1}, "", 10.0),
        ({"sampler.type": "probabilistic", "sampler.param": "0.01"}, "", 100.0),
        ({"sampler.type": "ratelimiting", "sampler.param": 2.0}, "", 0.0),
        ({"SampleRate": 20}, "", 20.0),
    ],
)
def test_a_trace_stands_for_the_inverse_of_its_probability(
    attributes: dict[str, object], state: str, weight: float
) -> None:
    """By the threshold of OpenTelemetry, its older exponent, or an attribute; 0 where unsaid."""
    assert sampling_of(attributes, state).weight == pytest.approx(weight)


@pytest.mark.parametrize("probability", [0, 1.5, "often"])
def test_a_probability_that_is_none_is_refused(probability: object) -> None:
    """Rather than a trace that stands for nothing, or for less than itself."""
    with pytest.raises(ValueError, match=r"probability|convert"):
        sampling_of({"sampling.probability": probability}, "")


def test_a_threshold_that_is_none_is_refused() -> None:
    """Fifteen digits are more than a threshold has."""
    with pytest.raises(ValueError, match="no threshold"):
        sampling_of({}, "ot=th:" + "1" * 15)


def test_a_tail_policy_is_seen() -> None:
    """Whatever else is said."""
    assert sampling_of({"tailsampling.policy": "slow"}, "").tail


def test_traces_kept_for_what_they_are_are_refused_unless_they_say_how_many() -> None:
    """Of slow traces alone no quantile says anything of the traffic."""
    refuse_tail(tail_kept=5, unweighted=0, n=9)
    with pytest.raises(TraceError, match="5 of 9 traces were kept by a tail policy"):
        refuse_tail(tail_kept=5, unweighted=3, n=9)
