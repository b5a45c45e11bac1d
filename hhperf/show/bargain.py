"""What a saving is bought with, in sentences and a table."""

from collections.abc import Iterator

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Verdict
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.card import Card
from hhperf.show.verdict_cards import PRICE_TITLE, price_table
from hhperf.shown import counted, milliseconds, percent
from hhperf.verdict.price import Price

NO_PRICE = "What a request costs is not told: only this kit's own arms say."


def bargain_cards(run: Run, comparison: Comparison, price: Price | None) -> tuple[Card, ...]:
    """The price of the saving that a run's verdict stands on, or in one line that none is told.

    Nothing of the kit's own arms in a run recorded before they told.
    """
    if price is not None:
        said = (_bargain(comparison[comparison.primary], price), *_unseen(run, price))
        return (Card(PRICE_TITLE, sentences=said, details=(price_table(price),)),)
    is_own = run.metadata.conditions.profile is not None
    return () if is_own else (Card(PRICE_TITLE, sentences=(NO_PRICE,)),)


def _bargain(result: StatisticResult, price: Price) -> str:
    control, treatment = (price.arms[arm] for arm in (Arm.CONTROL, Arm.TREATMENT))
    before, now = (price.most[arm] for arm in (Arm.CONTROL, Arm.TREATMENT))
    is_told = result.verdict in (Verdict.EXCEEDS, Verdict.BELOW)
    saving, at = result.estimate.point, result.statistic
    saves = f"{'saves' if saving >= 0 else 'loses'} {percent(abs(saving))} at {at} and "
    time = price.items["connection_s"]
    return (
        f"{treatment} {saves if is_told else ''}holds {counted(now, 'connection')} at most"
        f" {f'as {control} does' if now == before else f'instead of {before}'}"
        f" ({milliseconds(time.treatment.point)} ms of connections a request instead of"
        f" {milliseconds(time.control.point)})."
    )


def _unseen(run: Run, price: Price) -> Iterator[str]:
    """What the figures hold besides, and what they do not."""
    profile = run.metadata.conditions.profile
    if profile is not None and profile.modelled:
        yield "A stage that is made to last holds its connection for as long."
    if "database_s" not in price.items:
        yield "Processor time of the database is not known: it runs elsewhere."
    if price.seen is not None:
        yield (
            "Processor time of the service is that of requests' own steps,"
            f" {percent(price.seen)} of this process's; what the event loop and the harness took"
            " belongs to neither arm."
        )
