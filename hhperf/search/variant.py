"""How an arm may differ from the one of its name, for an experiment."""

from dataclasses import dataclass

from hhperf.search.arm_names import UNCOALESCED, marked
from hhperf.search.virtual_clock import Speedup


@dataclass(frozen=True, slots=True)
class Variant:
    """What is different; nothing by default.

    Attributes:
        speedup: a stage that is to seem quicker, whose gain is modelled; None for none.
        coalescing: whether equal lookups that are under way are shared.
    """

    speedup: Speedup | None = None
    coalescing: bool = True

    def named(self, arm: str) -> str:
        """An arm's name with what is different, which shows wherever the arm is named."""
        name = arm if self.coalescing else marked(arm, UNCOALESCED)
        return name if self.speedup is None else self.speedup.named(name)


AS_NAMED = Variant()
