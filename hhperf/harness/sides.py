"""Who gets a pair when several treatments share one control: each treatment has a run of its own.

In its run a pair looks as if nobody else had got it: the places are those among its three arms.
What the others leave behind meets every arm equally often, since their places are drawn.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from hhperf.harness.paired_plan import Pair
from hhperf.runs.observation import Arm

Side = Arm | int
"""Who gets a pair: an arm, or by its number one of the treatments beside the arms' own."""


def sides_of(pair: Pair, others: int, seed: int) -> tuple[Side, ...]:
    """The order in which everybody gets a pair.

    The arms keep theirs; each further treatment is drawn a place among them.

    Args:
        pair: of the plan.
        others: treatments beside the arms' own.
        seed: of the draws; a pair's do not depend on those of others.
    """
    if not others:
        return pair.order
    sides: list[Side] = list(pair.order)
    draws = np.random.default_rng([seed, pair.number])
    for number in range(others):
        sides.insert(int(draws.integers(len(sides) + 1)), number)
    return tuple(sides)


def arms_of(sides: Sequence[Side], treatment: Side) -> dict[Side, Arm]:
    """Which sides the run of one treatment is about, in order, and what each is in it."""
    arms: dict[Side, Arm] = {Arm.CONTROL: Arm.CONTROL, Arm.CONTROL_AGAIN: Arm.CONTROL_AGAIN}
    arms[treatment] = Arm.TREATMENT
    return {side: arms[side] for side in sides if side in arms}


def names_by_run(names: Mapping[Arm, str], others: Sequence[str]) -> list[dict[Arm, str]]:
    """What serves each arm, for each treatment's run."""
    return [dict(names), *({**names, Arm.TREATMENT: other} for other in others)]
