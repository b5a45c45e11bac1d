"""Cards of what is compared, and under which conditions."""

from hhperf.experiment.latency_profiles import LatencyProfile
from hhperf.experiment.profile_fit import ProfileFit
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


@card_of.register
def profile_fit_card(found: ProfileFit) -> Card:
    """Each stage's distribution with its goodness of fit, and what stages have in common."""
    rows = tuple(
        (
            name,
            each.kind,
            f"{len(each.times_ms):,}",
            f"{each.distance:.3f}",
            f"{each.p:.3f}",
            ", ".join(each.refused) or "–",
        )
        for name, each in found.stages.items()
    )
    columns = ("stage", "distribution", "times", "distance", "p", "refused")
    tables = [Table("Fitted stages", columns, rows, words=("distribution", "refused"))]
    if found.correlations:
        pairs = tuple(
            (" and ".join(pair), f"{rho:.2f}") for pair, rho in found.correlations.items()
        )
        tables.append(Table("Kept correlations", ("stages", "of normal scores"), pairs))
    return Card(
        title=f"A latency profile from {found.source}",
        sentences=(
            "Distance and p (parametric bootstrap) are those of the best family; where all were"
            " refused, the empirical distribution is kept.",
        ),
        tables=tuple(tables),
    )
