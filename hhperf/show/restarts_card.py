"""How restarts look: the saving over runs, the noise between and within them, and each run."""

import math
from collections.abc import Sequence

from hhperf.runs.observation import Arm
from hhperf.show.card import Card, Table, card_of
from hhperf.show.intervals import interval, with_interval
from hhperf.show.sentences import CLAIM, regime_of, title_of
from hhperf.shown import counted, percent
from hhperf.verdict.restarts import RESTART, Restarts

AT = ("p50", "p95")


@card_of.register
def restarts_card(found: Restarts) -> Card:
    """The verdict over runs, and what each says alone."""
    comparison = found.comparison
    warned = [w for each in comparison.results for w in each.estimate.warnings]
    missed = [gate.text for gate in comparison.gates if not gate.passed]
    return Card(
        title=f"{title_of(found.runs[0])}: {counted(len(found.runs), 'run')}",
        badge=str(comparison.verdict),
        sentences=(restarts_sentence(found), *missed),
        tables=(over_runs_table(found), each_run_table(found)),
        warnings=tuple(dict.fromkeys((*comparison.warnings, *warned))),
    )


def restarts_sentence(found: Restarts) -> str:
    """The verdict over all runs, and where its noise comes from."""
    comparison = found.comparison
    result = comparison[comparison.primary]
    claim = CLAIM[result.verdict].format(threshold=percent(comparison.threshold))
    return (
        f"{result.verdict}: over {counted(len(found.runs), 'run')}, each in a fresh process, the"
        f" saving at {result.statistic} is {with_interval(result.estimate)}, {claim}."
    )


def over_runs_table(found: Restarts) -> Table:
    """Each statistic over runs; spreads are standard deviations of the ratio, in percent."""
    rows = []
    for result in found.comparison.results:
        part = found.parts[result.statistic]
        mean_pairs = found.comparison.n_pairs / len(found.runs)
        rows.append(
            (
                result.statistic,
                percent(result.estimate.point),
                interval(result.estimate) if result.estimate.defined else "–",
                str(result.verdict),
                _spread(part.between),
                _spread(part.within / mean_pairs),
            )
        )
    return Table(
        f"Saving over {counted(len(found.runs), 'run')}, the run as the unit",
        ("", "saving", "95% interval", "verdict", "s.d. between runs", "from pairs within"),
        tuple(rows),
        words=("verdict",),
    )


def claim_over_runs_table(found: Sequence[Restarts]) -> Table:
    """A row for each regime and arm: what it saves over runs.

    Args:
        found: restarts of each.
    """
    rows = tuple(
        (
            regime_of(each.runs[0]),
            each.runs[0].metadata.design.arms[Arm.TREATMENT],
            str(len(each.runs)),
            *(with_interval(each.comparison[at].estimate) for at in AT),
            str(each.comparison.verdict),
        )
        for each in found
    )
    columns = ("regime", "arm", "runs", *(f"saving at {at}" for at in AT), "verdict")
    claimed = percent(found[0].comparison.threshold)
    return Table(f"The claim of {claimed} over runs", columns, rows, words=("arm", "verdict"))


def each_run_table(found: Restarts) -> Table:
    """What each run says alone: its interval holds the noise of its own pairs only."""
    at = found.comparison.primary
    rows = tuple(
        (
            run.metadata.conditions.labels.get(RESTART, run.path.name),
            f"{one.n_pairs:,}",
            percent(one[at].estimate.point),
            interval(one[at].estimate) if one[at].estimate.defined else "–",
            str(one[at].verdict),
        )
        for run, one in zip(found.runs, found.each, strict=True)
    )
    columns = ("run", "pairs", f"saving at {at}", "interval of its pairs", "verdict alone")
    return Table("Each run alone", columns, rows, words=("verdict alone",))


def _spread(variance: float) -> str:
    return "–" if math.isnan(variance) else f"{100 * math.sqrt(variance):.2f}%"
