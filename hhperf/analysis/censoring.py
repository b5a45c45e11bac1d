"""What a machine's stalls hide of the latencies measured on it.

A latency is censored at the first stall that begins after its request: if the answer came first,
the latency is seen; if the stall came first, all that is known is that it would have been longer
than the time until then. Stalls that come from outside choose no request by its latency, which is
what lets the product limit (`product_limit`) see past them.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from hhperf.analysis.relief import Relief
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray, Pairs
from hhperf.errors import SampleError


@dataclass(frozen=True, slots=True, eq=False)
class Censoring:
    """What stalls did to the requests of a comparison; every array has shape (n,), one per pair.

    A request met a stall when its latency is longer than its clean time. A failed request (+inf)
    that met none before it ended has a clean time of +inf and counts as a failure; one that met a
    stall has its clean time as any other, and counts as unknown from there on.

    Attributes:
        control_clean: time from each request's start to the first onset of a stall after it, in
            the unit of the latencies; +inf when none came, 0 when it started within a stall.
        treatment_clean: the same for the treatment.
        control_stalled: stalled time within the request's latency, backlog included.
        treatment_stalled: the same for the treatment.
        joint_clean: time from the pair's first start to the first onset after it.
        joint_length: time from the pair's first start to the last end of the two, finite.
        control_onset: number of the stall that the request met first, -1 for none.
        treatment_onset: the same for the treatment.
        blocks: code of the stretch of time that the pair began in; stretches so long that what is
            in flight together mostly shares one.
        relief: what would give the statistics that they hide.
    """

    control_clean: FloatArray
    treatment_clean: FloatArray
    control_stalled: FloatArray
    treatment_stalled: FloatArray
    joint_clean: FloatArray
    joint_length: FloatArray
    control_onset: IntArray
    treatment_onset: IntArray
    blocks: IntArray
    relief: Relief = field(default=Relief(), kw_only=True)

    def arrays(self) -> dict[str, FloatArray | IntArray]:
        """What there is of each pair, by its name here: all but the relief, which is of all."""
        of_pairs = (each.name for each in fields(self) if not each.kw_only)
        return {name: getattr(self, name) for name in of_pairs}

    def cut(self, chosen: slice | IntArray | BoolArray) -> "Censoring":
        """Of some of the pairs: with each array cut to those chosen, as NumPy indexes."""
        cut: dict[str, Any] = {name: values[chosen] for name, values in self.arrays().items()}
        return replace(self, **cut)


def check_censoring(censoring: Censoring, pairs: Pairs) -> None:
    """Refuse what does not belong to the pairs, or is no time.

    Raises:
        SampleError: naming the array.
    """
    for name, values in censoring.arrays().items():
        if np.shape(values) != (pairs.n,):
            raise SampleError(
                f"censoring.{name} has shape {np.shape(values)} for {pairs.n:,} pairs"
            )
        times = not name.endswith(("onset", "blocks"))
        if times and not (np.asarray(values) >= 0).all():
            raise SampleError(f"censoring.{name} must hold times: none negative, none NaN")
    if not np.isfinite(censoring.joint_length).all():
        raise SampleError("censoring.joint_length must be finite: a failure too ends some time")


def met_stall(latency: FloatArray, clean: FloatArray) -> BoolArray:
    """Mark the requests that a stall came before the answer to."""
    return np.asarray(latency > clean)


def any_stall(pairs: Pairs, censoring: Censoring) -> bool:
    """Whether a request of either arm met a stall."""
    return bool(
        met_stall(pairs.control, censoring.control_clean).any()
        or met_stall(pairs.treatment, censoring.treatment_clean).any()
    )
