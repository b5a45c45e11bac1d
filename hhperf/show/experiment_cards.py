"""Cards of what is compared, and under which conditions."""

from hhperf.experiment.latency_profiles import LatencyProfile
from hhperf.show.card import Card, Table, card_of
from hhperf.shown import milliseconds


@card_of.register
def profile_card(profile: LatencyProfile) -> Card:
    """What a profile makes each stage last."""
    rows = tuple(
        (
            stage,
            milliseconds(delay.quantile_s(0.5)),
            milliseconds(delay.quantile_s(0.95)),
            delay.describe().partition(",")[0],
            delay.source,
        )
        for stage, delay in profile.stages.items()
    )
    columns = ("stage", "p50", "p95", "distribution", "source of its numbers")
    table = Table("Modelled least times in ms", columns, rows, words=columns[3:])
    return Card(
        title=f"Latency profile {profile.name}",
        sentences=(profile.about,) if profile.about else (),
        facts=(("measured", "every other stage"),) if rows else (("measured", "every stage"),),
        tables=(table,) if rows else (),
    )
