"""Gates on what the arms did: fail alike, hit their caches alike, answer alike.

Arms that did different work are compared in nothing, so each of these voids every statistic.
"""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from hhperf.analysis.decision import Gate, GateState
from hhperf.analysis.per_request import Mcnemar, mcnemar

LEVEL = 0.01
"""Of each test: a sound run is thrown away once in a hundred."""

HIT_RATIOS_WITHIN = 0.10


def failure_gate(
    control_failed: ArrayLike, treatment_failed: ArrayLike, *, name: str = "failure rates"
) -> Gate:
    """Both arms must fail (or drop) equally often, up to chance.

    Args:
        control_failed: true where the control's request failed, shape (n,).
        treatment_failed: the same for the treatment.
        name: of the gate, so that drops and errors can each have one.
    """
    return failure_gate_of(mcnemar(control_failed, treatment_failed), name)


def failure_gate_of(found: Mcnemar, name: str = "failure rates") -> Gate:
    """The same from the test of both arms' failures."""
    return Gate(
        name,
        GateState.of(found.p_two_sided >= LEVEL),
        f"control {found.first:.2%}, treatment {found.second:.2%}, p = {found.p_two_sided:.2g}",
        f"equal, p >= {LEVEL:.2g}",
        "exact McNemar test; an arm that fails more may look faster for it: see the errors first",
    )


def cache_gate(control: float, treatment: float, *, name: str = "cache hit ratios") -> Gate:
    """Cache hit ratios must be equal within ten points.

    Args:
        control: the share of its requests that the cache answered, in 0..1.
        treatment: the same of the treatment.
        name: of the gate, so that each cache can have one.
    """
    return Gate(
        name,
        GateState.of(abs(treatment - control) <= HIT_RATIOS_WITHIN + 1e-12),
        f"control {control:.1%}, treatment {treatment:.1%}",
        f"within {100 * HIT_RATIOS_WITHIN:g} points",
        "an arm that another arm warmed is not measured but helped: give each its own cache",
    )


def mismatch_gate(mismatches: ArrayLike, again_mismatches: ArrayLike) -> Gate:
    """Both arms must answer alike, as far as the control answers like itself.

    Args:
        mismatches: true where the treatment's results differ from the control's, shape (n,).
        again_mismatches: true where the control's second answer differs from its first, shape (n,).
    """
    return mismatch_gate_of(mcnemar(again_mismatches, mismatches))


def mismatch_gate_of(test: Mcnemar) -> Gate:
    """The same from the test of both differences, the control's from itself first."""
    return Gate(
        "identical results",
        GateState.of(test.p_second_greater >= LEVEL),
        f"{test.second:.2%} differ, control from itself {test.first:.2%}, "
        f"p = {test.p_second_greater:.2g}",
        f"no more than the control from itself, p >= {LEVEL:.2g}",
        "an arm that answers differently does different work: make both answer alike",
    )


def shared_gate(shared: Sequence[str]) -> Gate:
    """Arms that share something warm it for each other.

    Args:
        shared: what they have in common, in words.
    """
    return Gate(
        "arms share nothing",
        GateState.of(not shared),
        "; ".join(shared) or "nothing shared",
        "no pool, cache prefix or coalescer in common",
        "what one arm does must not change what another one meets: give each its own",
    )
