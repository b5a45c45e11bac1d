"""The cells of a map of a claim: where each lies, what is known of it, and how it was made."""

import hashlib
import re
from dataclasses import dataclass, fields, replace

import pandas as pd

from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate, Z
from hhperf.analysis.savings import check_threshold
from hhperf.errors import ForecastError
from hhperf.shown import Displayed

REPLICATES = 40
LEAST_REPLICATES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell lies on the map.

    Attributes:
        profile: the latency profile's name; `as shipped` where the placeholder lookup runs.
        rerank: whether results are reranked.
        cache: `cold`, or `warm` for lookups that their caches answer.
        rate_hz: requests offered a second; 0 for requests that meet no other.
        pool: database connections of each arm; None where requests meet no other.
        candidates: in the database; None where the run does not say.
    """

    profile: str
    rerank: bool
    cache: str
    rate_hz: float
    pool: int | None
    candidates: int | None = None

    def __str__(self) -> str:
        size = "" if self.candidates is None else f" of {self.candidates}"
        load = "alone" if self.pool is None else f"{self.rate_hz:g} a second on {self.pool}"
        return (
            f"{self.profile}{size}, rerank {'on' if self.rerank else 'off'}, {self.cache}, {load}"
        )

    @property
    def slug(self) -> str:
        """The same as a folder's name."""
        return re.sub(r"[^\w.]+", "-", str(self))

    def seed(self, seed: int) -> int:
        """Of what is drawn for this cell, whoever draws it and in whatever order."""
        digest = hashlib.blake2b(f"{seed}\0{self}".encode(), digest_size=6).digest()
        return int.from_bytes(digest)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one place.

    Attributes:
        place: where it lies.
        treatment: what is held against the control there.
        control_s: the control's predicted latency, the mean in seconds.
        predicted: the saving that was predicted.
        measured: the saving that was measured; None where none was.
        verdict: on the measured saving with its gates, else on the predicted one's interval.
        run: the folder of the measured run; empty for none.
    """

    place: Place
    treatment: str
    control_s: float
    predicted: Estimate
    verdict: Verdict
    measured: Estimate | None = None
    run: str = ""

    @property
    def saving(self) -> Estimate:
        """The measured one where there is one."""
        return self.measured or self.predicted

    def worth(self, threshold: float) -> float:
        """How much measuring it would tell: near the claim, or where the model is least sure.

        Source: the straddle heuristic of Bryan and others, Active learning for identifying function
        threshold boundaries, NIPS 2005: 1.96 standard deviations less the distance to it.
        """
        sd = (self.predicted.upper - self.predicted.lower) / (2 * Z)
        return Z * sd - abs(self.predicted.point - threshold)


@dataclass(frozen=True, slots=True)
class MapDesign:
    """What a map was made by: cells of two maps go together where this is equal.

    Attributes:
        statistic: whose saving is looked at.
        threshold: the saving that is claimed.
        treatment: an arm or a schedule; `as_shipped` arms keep their own.
        seconds: how long a simulated or measured block of one arm lasts.
        rounds: blocks of each arm in a run.
        replicates: simulated runs of a cell under load.
        seed: of all draws, with each cell's own place.

    Raises:
        ForecastError: there are too few replicates for an interval.
        SampleError: nothing could save the threshold.
    """

    statistic: str = "p95"
    threshold: float = 0.20
    treatment: str = "parallel"
    seconds: float = 20.0
    rounds: int = 2
    replicates: int = REPLICATES
    seed: int = 0

    def __post_init__(self) -> None:
        check_threshold(self.threshold)
        if self.replicates < LEAST_REPLICATES:
            raise ForecastError(
                f"replicates = {self.replicates} must be {LEAST_REPLICATES} or more: there is no"
                " interval of fewer simulated runs"
            )


@dataclass(frozen=True, slots=True)
class ClaimMap(Displayed):
    """The cells of a map.

    Attributes:
        design: what it was made by.
        cells: in the order of their places.
        lacking: what could not be predicted, and why.
    """

    design: MapDesign
    cells: tuple[Cell, ...]
    lacking: tuple[str, ...] = ()

    def __repr__(self) -> str:
        measured = sum(each.measured is not None for each in self.cells)
        return f"ClaimMap({len(self.cells)} cells, {measured} measured)"

    def worth_measuring(self, most: int | None = None) -> tuple[Cell, ...]:
        """The cells that were not measured, those first of which measuring tells most."""
        open_ = [each for each in self.cells if each.measured is None]
        threshold = self.design.threshold
        return tuple(sorted(open_, key=lambda each: -each.worth(threshold))[:most])

    def with_cell(self, cell: Cell) -> "ClaimMap":
        """The same with another cell at its place."""
        cells = tuple(cell if each.place == cell.place else each for each in self.cells)
        return replace(self, cells=cells)

    def to_frame(self) -> pd.DataFrame:
        """A row a cell: its place, the saving with its interval, whether it was measured."""
        return pd.DataFrame([
            {
                **{each.name: getattr(cell.place, each.name) for each in fields(Place)},
                "treatment": cell.treatment,
                "saving": cell.saving.point,
                "lower": cell.saving.lower,
                "upper": cell.saving.upper,
                "verdict": str(cell.verdict),
                "is_measured": cell.measured is not None,
                "predicted": cell.predicted.point,
                "run": cell.run,
            }
            for cell in self.cells
        ])  # fmt: skip
