"""What a run says of itself: latencies, outcomes, and how it was recorded."""

import warnings

import numpy as np

from hhperf.errors import RunError
from hhperf.harness.sweep import answered_share
from hhperf.runs.metadata import RunMetadata
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pairs import Statistic, left_out
from hhperf.runs.run import Run
from hhperf.runs.tables import RunWarning
from hhperf.show.card import Card, Table, card_of
from hhperf.shown import counted, milliseconds, percent

LATENCY_QUANTILES = (0.5, 0.9, 0.95, 0.99)
ARM_WORDS = {
    Arm.CONTROL: "control",
    Arm.TREATMENT: "treatment",
    Arm.CONTROL_AGAIN: "control again",
}
STATISTIC_WORDS = {
    Statistic.SERVICE_TIME: "Service time",
    Statistic.RESPONSE_TIME: "Response time",
}


def latency_table(run: Run, statistic: Statistic | str = Statistic.SERVICE_TIME) -> Table:
    """Each arm's latency; a failed request counts as endless.

    Args:
        run: with all three arms.
        statistic: `service_time`, or `response_time` from when a request was due.

    Raises:
        RunError: the run has no pair to compare.
    """
    pairs, counts, names = run.pairs(statistic), run.counts(), run.metadata.design.arms
    columns = ("arm", "mean", *(f"p{q * 100:g}" for q in LATENCY_QUANTILES), "max", "failed")
    rows = []
    for arm in Arm:
        latency = getattr(pairs, arm.value)
        failed = sum(
            counts[arm][each] for each in (Outcome.ERROR, Outcome.TIMEOUT, Outcome.DROPPED)
        )
        ranks = np.quantile(latency, LATENCY_QUANTILES, method="inverted_cdf")
        figures = [latency.mean(), *ranks, latency.max()]
        rows.append(
            (f"{ARM_WORDS[arm]} ({names[arm]})", *map(milliseconds, figures), f"{failed:,}")
        )
    sample = f", {run.sampled}" if run.sampled else ""
    title = f"{STATISTIC_WORDS[pairs.statistic]} in ms, {counted(len(pairs), 'pair')}{sample}"
    return Table(title, columns, tuple(rows))


def response_table(run: Run) -> Table:
    """Each arm's response time under its load, from when a request was due."""
    pairs, counts, names = run.pairs("response_time"), run.counts(), run.metadata.design.arms
    rows = []
    for arm in Arm:
        response = getattr(pairs, arm.value)
        ranks = np.quantile(response, LATENCY_QUANTILES, method="inverted_cdf")
        unanswered = sum(counts[arm][each] for each in (Outcome.ERROR, Outcome.TIMEOUT))
        rows.append(
            (
                f"{ARM_WORDS[arm]} ({names[arm]})",
                *map(milliseconds, (*ranks, response.max())),
                percent(answered_share(run, arm)),
                f"{unanswered:,}",
                *(f"{counts[arm][each]:,}" for each in (Outcome.DROPPED, Outcome.LOST)),
            )
        )
    ranked = (f"p{q * 100:g}" for q in LATENCY_QUANTILES)
    columns = ("arm", *ranked, "max", "in time", "failed", "dropped", "lost")
    return Table(f"Response time in ms, {len(pairs):,} requests an arm", columns, tuple(rows))


def outcomes_table(run: Run) -> Table:
    """How many requests of each arm came to what."""
    counts, names = run.counts(), run.metadata.design.arms
    seen = [each for each in Outcome if any(counts[arm][each] for arm in names)]
    rows = tuple(
        (f"{ARM_WORDS[arm]} ({name})", *(f"{counts[arm][each]:,}" for each in seen))
        for arm, name in names.items()
    )
    return Table("Requests by outcome", ("arm", *seen), rows)


@card_of.register
def run_card(run: Run) -> Card:
    """How the run was recorded and how it ended; never fails, also where its files do."""
    table: tuple[Table, ...] = ()
    with warnings.catch_warnings(action="ignore", category=RunWarning):
        try:
            table = (_main_table(run),)
            said = (*((run.ending,) if run.ending else ()), *_missing(run))
        except RunError as error:
            said = (str(error),)
    told = (*_shared(run.metadata), *run.metadata.disturbances, *run.left_out)
    return Card(
        title=" against ".join(_compared(run.metadata)),
        badge=run.status,
        facts=_facts(run),
        tables=table,
        warnings=tuple(dict.fromkeys((*said, *told))),
    )


def _main_table(run: Run) -> Table:
    """Latencies where the arms can be paired, outcomes where they cannot."""
    try:
        return latency_table(run, run.statistic)
    except RunError:
        return outcomes_table(run)


def _missing(run: Run) -> tuple[str, ...]:
    try:
        return left_out(run.pairs())
    except RunError as error:
        return (str(error),)


def _shared(metadata: RunMetadata) -> tuple[str, ...]:
    return tuple(f"the arms share something: {each}" for each in metadata.shared)


def _compared(metadata: RunMetadata) -> list[str]:
    """The treatment's name, then the control's; of a run of one arm its name."""
    arms = metadata.design.arms
    return [arms[arm] for arm in (Arm.TREATMENT, Arm.CONTROL) if arm in arms] or [*arms.values()]


def _facts(run: Run) -> tuple[tuple[str, str], ...]:
    metadata = run.metadata
    host, versions = metadata.host, metadata.versions
    return (
        ("recorded", f"{metadata.created:%Y-%m-%d %H:%M} UTC in {run.path}"),
        ("profile", _profile(metadata)),
        ("sent", f"{metadata.design.pace}, {metadata.caches}"),
        ("log", f"{metadata.log.source}, {counted(metadata.log.requests, 'request')}"),
        ("machine", f"{counted(host.cores, 'core')} ({host.cpu}), {host.kernel}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
        ("seed", str(metadata.seed)),
    )


def _profile(metadata: RunMetadata) -> str:
    profile = metadata.conditions.profile
    if profile is None:
        return "none"  # whether somebody's own service models anything is unknown
    return f"{profile.name}, which models {', '.join(profile.modelled) or 'nothing'}"
