"""The regimes in which the claim is tested: a verdict on one of them is half the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hhperf.experiment.latency_profiles import LatencyProfile
from hhperf.experiment.study import Study
from hhperf.runs.metadata import REGIME

PAIRS = 1_600
"""Of a regime at most: next to the claim, as with the reranker, not always enough for a verdict."""

LOOKS = (400, 560, 800, 1_130)
"""The first is the least that p95 takes; each next has √2 times the pairs of the one before."""

IN_FLIGHT = 12
"""Of a profile of one's own."""


@dataclass(frozen=True, slots=True)
class Regime:
    """Conditions under which the claim may hold or not.

    Attributes:
        name: short; also that of the run's folder.
        about: the same in a few words.
        profile: what is modelled.
        rerank: whether the results are reranked.
        in_flight: pairs measured at the same time: as many as two cores answer without delay.
        control: the arm that others are measured against.
        treatments: the arms that are claimed to be faster.
    """

    name: str
    about: str
    profile: LatencyProfile | str
    rerank: bool
    in_flight: int
    control: str = "sequential"
    treatments: tuple[str, ...] = ("parallel", "eager")

    def study(self, labels: Mapping[str, str] | None = None, **changes: object) -> Study:
        """The first treatment against the control, the others beside it, with a few looks.

        Args:
            labels: free words for the runs' metadata.
            changes: to the study, by name.
        """
        study = Study(
            control=self.control,
            treatment=self.treatments[0],
            beside=self.treatments[1:],
            profile=self.profile,
            rerank=self.rerank,
            in_flight=self.in_flight,
            pairs=PAIRS,
            looks=LOOKS,
            labels={**(labels or {}), REGIME: self.about},
        )
        return replace(study, **changes)  # type: ignore[arg-type]


def regimes_of(profile: LatencyProfile | str, control: str, treatment: str) -> tuple[Regime, ...]:
    """Two arms under one latency profile, without a reranker and with one."""
    name = profile if isinstance(profile, str) else profile.name
    return tuple(
        Regime(
            f"rerank-{word}", f"{Path(name).stem}, rerank {word}", profile, rerank=word == "on",
            in_flight=IN_FLIGHT, control=control, treatments=(treatment,),
        )
        for word in ("off", "on")
    )  # fmt: skip


REGIMES = (
    Regime(
        "as-shipped", "as shipped", "plan", rerank=False, in_flight=8,
        control="as_shipped_sequential", treatments=("as_shipped",),
    ),
    Regime("plan", "plan's budgets", "plan", rerank=False, in_flight=12),
    Regime("plan-rerank", "with a reranker", "plan", rerank=True, in_flight=16),
    Regime("cloud", "hosted providers", "cloud", rerank=False, in_flight=14),
    Regime("local", "nothing modelled", "local", rerank=False, in_flight=1),
)  # fmt: skip
"""From what was shipped to what was meant, and to where the providers are others than planned."""
