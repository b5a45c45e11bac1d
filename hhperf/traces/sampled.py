"""How a trace came to be kept: one of how many it stands for, or by what it turned out to be."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hhperf.errors import TraceError

_POLICIES = ("tailsampling.policy", "tailsampling.composite_policy", "sampling.policy")
SAMPLED_BY = frozenset(
    {"sampling.probability", "sampler.type", "sampler.param", "SampleRate", *_POLICIES}
)

_THRESHOLD_DIGITS = 14
_UNSAMPLED_P = 63


class Sampling(NamedTuple):
    """What a span says of the sampling of its trace.

    Attributes:
        weight: how many traces it stands for; 0 where nothing says it.
        tail: whether a policy kept it for what it turned out to be, such as slow or failed.
    """

    weight: float = 0.0
    tail: bool = False


UNSAID = Sampling()


def sampling_of(attributes: Mapping[str, Any], state: str) -> Sampling:
    """Read the sampling from a span's attributes and its W3C `tracestate`.

    Read are the threshold `ot=th:` and the older `ot=p:` of OpenTelemetry, its attribute
    `sampling.probability`, Jaeger's probabilistic sampler, Honeycomb's `SampleRate`, and the policy
    that a Collector's tail sampling records.

    Raises:
        ValueError: a probability is none.

    Source: OpenTelemetry, Tracestate: Probability Sampling, 2024 (R >= T keeps a span, so that it
    stands for 1 / (1 - T / 2^56)).
    """
    if not state and not attributes:
        return UNSAID
    weight = _of_state(state) or _of_attributes(attributes)
    tail = any(attributes.get(name) for name in _POLICIES)
    return Sampling(weight, tail) if weight or tail else UNSAID


def _of_state(state: str) -> float:
    for member in state.split(","):
        vendor, _, value = member.strip().partition("=")
        if vendor == "ot":
            fields = dict(field.partition(":")[::2] for field in value.split(";"))
            return _of_ot(fields)
    return 0.0


def _of_ot(fields: Mapping[str, str]) -> float:
    if "th" in fields:
        digits = fields["th"]
        if not 1 <= len(digits) <= _THRESHOLD_DIGITS:
            raise ValueError(f"tracestate has ot=th:{digits}, which is no threshold")
        threshold = int(digits.ljust(_THRESHOLD_DIGITS, "0"), 16)
        return float(16**_THRESHOLD_DIGITS / (16**_THRESHOLD_DIGITS - threshold))
    if "p" in fields:
        exponent = int(fields["p"])
        return 2.0**exponent if 0 <= exponent < _UNSAMPLED_P else 0.0
    return 0.0


def _of_attributes(attributes: Mapping[str, Any]) -> float:
    if "sampling.probability" in attributes:
        return _inverse(attributes["sampling.probability"])
    if attributes.get("sampler.type") == "probabilistic" and "sampler.param" in attributes:
        return _inverse(attributes["sampler.param"])
    return float(attributes.get("SampleRate") or 0.0)


def _inverse(probability: Any) -> float:
    share = float(probability)
    if not 0 < share <= 1:
        raise ValueError(f"a sampling probability is {probability}: it must lie in 0..1")
    return 1 / share


def refuse_tail(tail_kept: int, unweighted: int, n: int) -> None:
    """Refuse statistics of traces that were kept for what they turned out to be.

    Args:
        tail_kept: traces that a policy kept.
        unweighted: those of them that do not say how many they stand for.
        n: traces in all.

    Raises:
        TraceError: quantiles and means of such traces say nothing of the traffic.
    """
    if unweighted:
        raise TraceError(
            f"{tail_kept:,} of {n:,} traces were kept by a tail policy, for what they turned out to"
            " be, and do not say how many they stand for: no quantile or mean of them says"
            " anything of the traffic. Import traces kept by head sampling, or let the Collector"
            " write the threshold (ot=th:) to tracestate"
        )
