"""What each arm costs a request, so that a saving can be weighed against it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.analysis.mean import fieller, moments
from hhperf.analysis.samples import Pairs, factorize
from hhperf.errors import RunError
from hhperf.runs.arrays import Floats, Integers
from hhperf.runs.columns import COST_COLUMNS
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.run import Run
from hhperf.shown import Displayed
from hhperf.verdict.compare import cluster_codes

COMPARED = (Arm.CONTROL, Arm.TREATMENT)
CONFIDENCE = 0.95
PARTS = {
    "connection_s": "connection_ns",
    "wait_s": "wait_ns",
    "statement_s": "statement_ns",
    "database_s": "database_ns",
    "service_s": "service_ns",
    "sent_bytes": "sent_bytes",
    "received_bytes": "received_bytes",
}
"""The items that a request has a figure of, in the order they are told, and what is recorded."""

Costs = Mapping[str, Floats]
"""What each request took, by the names of `observation.Cost`, shape (n,); NaN for not known."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A mean or a ratio with its two-sided interval; the ends are NaN where there is none."""

    point: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that requests cost.

    Attributes:
        control: the control's mean a request, in seconds, bytes or connections.
        treatment: the treatment's.
        ratio: treatment over control; None where the control takes nothing.
    """

    control: Amount
    treatment: Amount
    ratio: Amount | None


@dataclass(frozen=True, slots=True)
class Price(Displayed):
    """What both arms cost a request.

    Attributes:
        arms: what served each arm.
        items: by name, as far as it is known: `connections` (held, on the mean over a request's
            time) and those of `PARTS`.
        most: connections that any one request held at once, by arm.
        pairs: how many there are in which both arms told their cost.
        seen: the share of this process's processor time that belongs to a request; None where it is
            not known.
        confidence: of the intervals.
    """

    arms: Mapping[Arm, str]
    items: Mapping[str, Item]
    most: Mapping[Arm, int]
    pairs: int
    seen: float | None = None
    confidence: float = CONFIDENCE

    def __repr__(self) -> str:
        return f"Price({', '.join(self.items)}; {self.pairs:,} pairs)"


def price_of(run: Run) -> Price | None:
    """What the arms of a run cost a request; None where they do not tell.

    Only arms of this kit do, and not in runs of older formats. Requests without an answer have no
    cost, and their pairs are left out. Stalls of the machine lengthen the times that connections
    are held and waited for, and no other item.

    Args:
        run: recorded in pairs or under load. Under load the intervals are over its rounds.
    """
    table = run.table(["pair", "arm", *COST_COLUMNS])
    if table["cost_connections"].null_count == len(table):
        return None
    try:
        pairs = run.pairs()
    except RunError:
        return None
    # Under load requests that follow each other are alike: what is independent is a round.
    is_load = isinstance(run.metadata.design, SwitchbackDesign)
    codes = pairs.repetition if is_load else cluster_codes(pairs)[1]
    costs = {arm: _costs(table, arm, pairs) for arm in COMPARED}
    latency_s = {Arm.CONTROL: pairs.control, Arm.TREATMENT: pairs.treatment}
    return priced(costs, latency_s, codes, run.metadata.design.arms, _seen(run, table))


def priced(
    costs: Mapping[Arm, Costs],
    latency_s: Mapping[Arm, Floats],
    codes: Integers | None,
    arms: Mapping[Arm, str],
    seen: float | None = None,
) -> Price | None:
    """The price from what each request took.

    Args:
        costs: of each arm's requests, those of a pair in the same place.
        latency_s: how long each took, in seconds; +inf for one without an answer.
        codes: what belongs together in the intervals, shape (n,); None for single pairs.
        arms: what served each arm.
        seen: as `Price` has it.

    Returns:
        The price; None where no pair tells its cost.
    """
    control, treatment = (costs[arm] for arm in COMPARED)
    told = ~np.isnan(control["connections"] + treatment["connections"])
    if not told.any():
        return None
    codes = None if codes is None else codes[told]
    kept = {arm: {name: each[told] for name, each in costs[arm].items()} for arm in COMPARED}
    times = {arm: latency_s[arm][told] for arm in COMPARED}
    return Price(
        arms=arms,
        items=dict(_items(kept, times, codes)),
        most={arm: int(kept[arm]["connections"].max()) for arm in COMPARED},
        pairs=int(told.sum()),
        seen=seen,
    )


def _items(
    costs: Mapping[Arm, Costs], latency_s: Mapping[Arm, Floats], codes: Integers | None
) -> Iterator[tuple[str, Item]]:
    control, treatment = (_held(costs[arm], latency_s[arm]) for arm in COMPARED)
    yield "connections", _item(control, treatment, codes)
    for name, part in PARTS.items():
        unit = 1e-9 if part.endswith("_ns") else 1.0
        control, treatment = (costs[arm][part] * unit for arm in COMPARED)
        known = ~np.isnan(control + treatment)
        if known.any():
            grouped = None if codes is None else codes[known]
            yield name, _item(control[known], treatment[known], grouped)


def _held(costs: Costs, latency_s: Floats) -> Floats:
    """How many connections each request held on the mean over its time, by its own time."""
    return costs["connection_ns"] * 1e-9 / latency_s


def _item(control: Floats, treatment: Floats, codes: Integers | None) -> Item:
    """Of each arm the mean, and their ratio if the control takes anything."""
    each = np.ones(len(control))
    return Item(
        _ratio(each, control, codes),
        _ratio(each, treatment, codes),
        _ratio(control, treatment, codes) if control.any() else None,
    )


def _ratio(below: Floats, above: Floats, codes: Integers | None) -> Amount:
    """The ratio of sums, with Fieller's interval over sums by cluster.

    Over ones it is the mean, and without clusters its interval is that of the t test.
    """
    groups, count = (None, len(below)) if codes is None else factorize(codes)
    point = float(above.sum() / below.sum())
    if count < 2:
        return Amount(point, math.nan, math.nan)
    lower, upper = fieller(moments(Pairs(below, above, groups, count)), CONFIDENCE)
    return Amount(point, 1 - upper, 1 - lower)


def _costs(table: pa.Table, arm: Arm, pairs: RecordedPairs) -> Costs:
    """What the arm's requests of these pairs took."""
    rows = table.filter(pc.equal(table["arm"], arm.value)).sort_by("pair")
    places = np.searchsorted(np.asarray(rows["pair"]), pairs.pair)
    return {
        part: np.asarray(pc.cast(rows[name], pa.float64()).fill_null(math.nan))[places]
        for name, part in COST_COLUMNS.items()
    }


def _seen(run: Run, table: pa.Table) -> float | None:
    """The share of the generator's processor time that was spent in requests; not of a sample."""
    if run.sampled:
        return None
    health = run.health
    used = pc.sum(health["value_ns"].filter(pc.equal(health["kind"], "cpu"))).as_py()
    spent = pc.sum(table["cost_service_ns"]).as_py()
    return float(spent / used) if used and spent is not None else None
