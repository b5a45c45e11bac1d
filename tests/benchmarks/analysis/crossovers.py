"""Pairs sent to three arms in a balanced order, with planted effects of that order."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from hhperf.verdict.order_effects import Crossover, make_crossover

CONTROL, TREATMENT, AGAIN = range(3)
ORDERS = np.array(list(permutations((CONTROL, TREATMENT, AGAIN))))


@dataclass(frozen=True, slots=True)
class Planted:
    """What the order does, as factors of a latency.

    Attributes:
        first: on whatever runs in the first place: a period effect.
        treatment_first: on the treatment alone, where it runs in the first place.
        after_treatment: on a control that runs right after the treatment.
    """

    first: float = 1.0
    treatment_first: float = 1.0
    after_treatment: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """Latencies and places of the three arms, in the order of `ORDERS`' numbers; shape (n, 3)."""

    latencies: np.ndarray
    places: np.ndarray

    @property
    def crossover(self) -> Crossover:
        """As the gates take it."""
        return make_crossover(
            *self.latencies.T,
            place=self.places[:, TREATMENT],
            again_first=self.places[:, AGAIN] < self.places[:, CONTROL],
        )


def sent(
    rng: np.random.Generator, n: int, planted: Planted, *, saving: float = 0.25, noise: float = 0.15
) -> Sent:
    """Lognormal requests, each measured three times with its own noise.

    Args:
        rng: the generator.
        n: pairs, a multiple of six.
        planted: what the order does.
        saving: the true one, beside what is planted.
        noise: of a single request, on the log scale.
    """
    drawn = rng.permuted(np.tile(np.arange(len(ORDERS)), (n // len(ORDERS), 1)), axis=1).ravel()
    arms = ORDERS[drawn]
    logs = 0.6 * rng.standard_normal((n, 1)) + noise * rng.standard_normal((n, 3))
    is_treatment = arms == TREATMENT
    factors = np.where(is_treatment, 1 - saving, 1.0)
    factors[:, 0] *= np.where(is_treatment[:, 0], planted.treatment_first, 1.0) * planted.first
    factors[:, 1:] *= np.where(is_treatment[:, :-1], planted.after_treatment, 1.0)
    places = np.argsort(arms, axis=1)
    return Sent(np.take_along_axis(np.exp(logs) * factors, places, axis=1), places)
