"""Cards and tables of what `hhperf.verdict` finds."""

import math
from collections.abc import Mapping

from hhperf.analysis.knees import LoadLevel
from hhperf.runs.observation import Arm
from hhperf.show import history_cards, restarts_card  # noqa: F401  (cards of this room too)
from hhperf.show.analysis_cards import comparison_warnings
from hhperf.show.card import Card, Table, card_of
from hhperf.show.intervals import interval
from hhperf.show.runs_cards import ARM_WORDS
from hhperf.shown import counted, milliseconds, percent, significant
from hhperf.verdict.price import COMPARED as PRICED
from hhperf.verdict.price import Amount, Item, Price
from hhperf.verdict.sweeps import COMPARED, ArmAtLoad, Sweep, rate

NEVER = "not reached"


PRICE_TITLE = "What it costs a request"
ITEMS = {
    "connections": ("connections held, mean", 1.0),
    "connection_s": ("connection time, ms", 1e3),
    "wait_s": ("waiting for a connection, ms", 1e3),
    "statement_s": ("in statements, ms", 1e3),
    "database_s": ("processor time of database, ms", 1e3),
    "service_s": ("processor time of service, ms", 1e3),
    "sent_bytes": ("sent to database, kB", 1e-3),
    "received_bytes": ("received from database, kB", 1e-3),
}
"""What an item of a price is called, and what its figures are multiplied by."""


def savings_by_load_table(found: Sweep, statistic: str | None = None) -> Table:
    """The saving at each offered load, with its interval and verdict.

    Args:
        found: the sweep.
        statistic: such as `p50`; the one that decides when None.
    """
    first = found.points[0].comparison
    name = statistic or first.primary
    results = [point.comparison[name] for point in found.points]
    rows = tuple(
        (
            rate(point.offered_hz),
            percent(each.estimate.point),
            interval(each.estimate),
            str(each.verdict),
        )
        for point, each in zip(found.points, results, strict=True)
    )
    columns = ("offered/s", "saving", f"{results[0].estimate.confidence:.0%} interval", "verdict")
    title = f"Saving in response time at {name} against the {first.threshold:.0%} claimed"
    return Table(title, columns, rows)


def response_by_load_table(found: Sweep) -> Table:
    """How fast and how much both arms answered at each load."""
    rows = tuple(
        (rate(point.offered_hz), arm, *_answers(seen))
        for point in found.points
        for arm, seen in point.arms.items()
    )
    columns = ("offered/s", "arm", "p50 ms", "p95 ms", "answered/s", "failed")
    return Table("Response time by offered load", columns, rows, words=("arm",))


def price_table(price: Price) -> Table:
    """What both arms cost a request, each a mean with its interval, and the treatment's share."""
    most = tuple(f"{price.most[arm]:,}" for arm in PRICED)
    rows = tuple(_item_row(*ITEMS[name], item) for name, item in price.items.items())
    control, treatment = (price.arms[arm] for arm in PRICED)
    return Table(
        f"What a request costs: {treatment} against {control}, {counted(price.pairs, 'pair')}",
        ("a request", "control", "treatment", "ratio", f"{price.confidence:.0%} interval"),
        (("connections held at once, most", *most, "–", "–"), *rows),
    )


@card_of.register
def price_card(price: Price) -> Card:
    """What both arms cost a request."""
    return Card(PRICE_TITLE, tables=(price_table(price),))


def _item_row(name: str, unit: float, item: Item) -> tuple[str, ...]:
    arms = (_amount(each, unit) for each in (item.control, item.treatment))
    if item.ratio is None:
        return (name, *arms, "–", "–")
    return (name, *arms, significant(item.ratio.point), _ends(item.ratio) or "–")


def _amount(amount: Amount, unit: float) -> str:
    ends = _ends(amount, unit)
    point = significant(unit * amount.point)
    return f"{point} ({ends})" if ends else point


def _ends(amount: Amount, unit: float = 1.0) -> str:
    """An interval in figures; empty where there is none."""
    if math.isnan(amount.lower):
        return ""
    return f"{significant(unit * amount.lower)} to {significant(unit * amount.upper)}"


@card_of.register
def sweep_card(found: Sweep) -> Card:
    """Savings against load, and where they end."""
    never = "not within these loads"
    notes = _notes_table(found)
    said = (f"{counted(len(notes.rows), 'note')} on single loads, below {notes.title!r}",)
    return Card(
        title=f"Sweep over {counted(len(found.points), 'load')}",
        facts=(
            *((f"knee of {arm}", str(level)) for arm, level in found.knees.items()),
            *((f"{arm} falls behind", str(at or never)) for arm, at in found.saturations.items()),
            *(
                (f"saving at {name} ends", str(at or never))
                for name, at in found.crossovers.items()
            ),
            *found.labels.items(),
        ),
        tables=(savings_by_load_table(found), response_by_load_table(found)),
        details=(notes,) if notes.rows else (),
        warnings=said if notes.rows else (),
    )


def _notes_table(found: Sweep) -> Table:
    rows = tuple(
        (rate(point.offered_hz), warning)
        for point in found.points
        for warning in comparison_warnings(point.comparison)
    )
    return Table("Notes by load", ("offered/s", "note"), rows, numeric=False)


def arm_by_load_table(sweep: Sweep, arm: Arm, name: str) -> Table:
    """An arm's response times, answers and failures at each offered load."""
    seen = [(point.offered_hz, point.arms[arm]) for point in sweep.points]
    waits = any(math.isfinite(each.pool_wait_p95_s) for _, each in seen)
    wait = ("pool wait p95",) if waits else ()
    columns = ("offered/s", "p50", "p95", "answered/s", "failed", *wait)
    rows = tuple((rate(hz), *_answers(each, with_wait=waits)) for hz, each in seen)
    return Table(f"{ARM_WORDS[arm]} ({name}): response time in ms", columns, rows)


def capacity_table(sweep: Sweep, names: Mapping[Arm, str]) -> Table:
    """Each arm's knee and saturation."""
    rows = tuple(
        (names[arm], *level(sweep.knees[arm]), *level(sweep.saturations[arm])) for arm in COMPARED
    )
    columns = ("arm", "knee at", "it lies", "saturated from", "it lies")
    return Table("Capacity in requests a second", columns, rows)


def level(found: LoadLevel | None) -> tuple[str, str]:
    """A load, and where it lies among those measured; one that no load lies above was not met."""
    if found is None:
        return NEVER, "–"
    if math.isinf(found.upper):
        return NEVER, f"above {rate(found.lower)}"
    return rate(found.point), f"between {rate(found.lower)} and {rate(found.upper)}"


def _answers(seen: ArmAtLoad, *, with_wait: bool = False) -> tuple[str, ...]:
    times = (milliseconds(seen.p50_s), milliseconds(seen.p95_s))
    wait = (milliseconds(seen.pool_wait_p95_s),) if with_wait else ()
    return (*times, rate(seen.answered_hz), f"{seen.failed:,}", *wait)
