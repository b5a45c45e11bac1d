"""How far predictions were from what was measured, by kind of change: a part of every interval."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot


@dataclass(frozen=True, slots=True)
class ModelError:
    """What the model itself errs by, beyond sampling.

    Attributes:
        sd: of predicted minus measured savings, as a share (0.006 is 0.6 points).
        compared: how many savings at p50 and p95 it was worked out from.
        on: the date.
    """

    sd: float
    compared: int
    on: str


COMPUTED = "schedule of computing stages"
"""A schedule that overlaps stages of which nothing is modelled: they share the machine's cores."""
SHARED_CORES = (
    "most of what the stages take is not modelled: where it is computing, stages side by side share"
    " the machine's cores, and save less than is predicted (on two cores 5 points on the average)"
)
UNKNOWN = ModelError(0.02, 0, "")
"""Of a change that no measured run has been held against: taken for granted, and warned about."""

ERRORS: Mapping[str, ModelError] = {
    "schedule": ModelError(0.0069, 22, "2026-11-28"),
    COMPUTED: ModelError(0.060, 4, "2026-11-27"),
    "stages": ModelError(0.0092, 16, "2026-11-28"),
    "pool_max": ModelError(0.0073, 2, "2026-11-28"),
    "load": ModelError(0.0093, 14, "2026-11-28"),
}
"""Root mean squares over the runs in `data/runs` (`tests/benchmarks/forecast/shipped.py`) and over
eleven changed systems that were measured for it (`prove.py learn`, beside it); of stages, of a pool
without a load and of a load it is what is left when the schedule's is taken out."""


def error_of(kinds: Iterable[str]) -> float:
    """The standard deviation of the model's error under several changes at once."""
    return hypot(*(ERRORS.get(kind, UNKNOWN).sd for kind in kinds)) if kinds else 0.0


def unproven(kinds: Iterable[str]) -> tuple[str, ...]:
    """Those that no measured run has been held against."""
    return tuple(kind for kind in kinds if kind not in ERRORS)
