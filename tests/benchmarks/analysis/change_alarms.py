"""How often changes are found in histories: where there is none, where there is one, and where.

From the top of the repository::

    python -m tests.benchmarks.analysis.change_alarms [EXPERIMENTS]
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.change_points import ChangePoint, find_changes
from hhperf.analysis.samples import FloatArray

EXPERIMENTS = 1_000
Noise = Callable[[np.random.Generator, int], FloatArray]


def normal(rng: np.random.Generator, n: int) -> FloatArray:
    """Standard normal noise."""
    return rng.standard_normal(n)


def heavy(rng: np.random.Generator, n: int) -> FloatArray:
    """Student's t with 3 degrees of freedom, of variance 1."""
    return np.asarray(rng.standard_t(3, n) / np.sqrt(3))


def skewed(rng: np.random.Generator, n: int) -> FloatArray:
    """Exponential noise: long on one side."""
    return rng.exponential(1, n)


def drifting(rng: np.random.Generator, n: int) -> FloatArray:
    """Each point takes over 0.4 of the one before: what the test does not allow for."""
    found = rng.standard_normal(n)
    for place in range(1, n):
        found[place] = 0.4 * found[place - 1] + np.sqrt(1 - 0.16) * found[place]
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """A history: so many points with noise of standard deviation 1, shifted from the middle on."""

    name: str
    noise: Noise
    points: int
    shift: float = 0.0

    def changes(self, number: int) -> tuple[ChangePoint, ...]:
        """What is found in one experiment."""
        rng = np.random.default_rng([number, self.points])
        series = self.noise(rng, self.points)
        series[self.points // 2 :] += self.shift
        return find_changes(series, seed=number)


CASES = (
    *(Case("normal", normal, n) for n in (8, 12, 20, 40, 100)),
    *(Case(each.__name__, each, 30) for each in (heavy, skewed, drifting)),
    *(Case("normal", normal, n, shift) for n in (12, 20, 40) for shift in (1.0, 2.0, 4.0)),
    Case("heavy", heavy, 40, 2.0),
)


def row(case: Case, experiments: int) -> str:
    """One line of the table."""
    found = [case.changes(number) for number in range(experiments)]
    named = sum(map(bool, found)) / experiments
    if not case.shift:
        return f"{case.name:<9} {case.points:>4}  none   {named:8.3f}"
    middle = case.points // 2
    single = [each[0] for each in found if len(each) == 1]
    more = sum(len(each) > 1 for each in found) / experiments
    placed = np.mean([each.first <= middle <= each.last for each in single])
    sized = np.mean([each.lower <= case.shift <= each.upper for each in single])
    width = np.mean([each.last - each.first + 1 for each in single])
    return (
        f"{case.name:<9} {case.points:>4}  {case.shift:<5g}  {named:8.3f} {more:8.3f}"
        f" {placed:8.3f} {width:6.1f} {sized:8.3f}"
    )


def main() -> None:
    """Print the table."""
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else EXPERIMENTS
    print("noise   points  shift     found     more    place  width     size")
    for case in CASES:
        print(row(case, experiments), flush=True)


if __name__ == "__main__":
    main()
