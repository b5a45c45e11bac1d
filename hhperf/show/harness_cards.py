"""What a plan says of itself before it happens."""

from itertools import islice
from pathlib import Path

import numpy as np

from hhperf.harness.load_plan import LoadPlan
from hhperf.harness.paired_plan import PairedPlan
from hhperf.harness.purge import program_of
from hhperf.harness.target import Request
from hhperf.show.card import Card, Table, card_of
from hhperf.shown import clipped, counted, duration
from hhperf.workload.schedules import Schedule

FIRST = 6


def pairs_table(plan: PairedPlan) -> Table:
    """The first pairs, each with its order of arms."""
    rows = tuple(
        (str(pair.number), ", ".join(pair.order), pair.request.request_id, text_of(pair.request))
        for pair in islice(plan.pairs(), FIRST)
    )
    columns = ("pair", "arms in this order", "request", "asks for")
    return Table("First pairs", columns, rows, numeric=False, more=len(plan) - len(rows))


def blocks_table(plan: LoadPlan) -> Table:
    """The first blocks, each with its arm and its load."""
    rows = tuple(
        (
            str(block.number),
            str(block.round),
            block.arm,
            f"{len(plan.loads[block.round]):,}",
            plan.loads[block.round].label,
        )
        for block in plan.blocks[:FIRST]
    )
    columns = ("block", "round", "arm", "requests", "load")
    more = len(plan.blocks) - len(rows)
    return Table("Blocks", columns, rows, words=("arm", "load"), more=more)


@card_of.register
def paired_card(plan: PairedPlan) -> Card:
    """A paired replay before it happens."""
    again = f", {plan.repetitions} times over" if plan.repetitions > 1 else ""
    taken = "as logged" if plan.order == "log" else "drawn with replacement"
    return Card(
        title=f"Paired replay of {log_name(plan)}",
        facts=(
            ("pairs", f"{len(plan):,}, each sent to control, treatment and control again"),
            ("requests", f"{_distinct(plan.picks)}, {taken}{again}"),
            ("arm orders", "balanced: every six pairs have all six orders, shuffled"),
            ("in flight", counted(plan.in_flight, "pair")),
            *((("before each request", program_of(plan.before_each)),) if plan.before_each else ()),
            *_common_facts(plan),
        ),
        tables=(pairs_table(plan),),
    )


@card_of.register
def load_card(plan: LoadPlan) -> Card:
    """A replay under load before it happens."""
    first = plan.loads[0]
    known = all(isinstance(load, Schedule) for load in plan.loads)
    taken = "as logged" if plan.order == "log" else "drawn with replacement"
    return Card(
        title=f"Replay under load of {log_name(plan)}",
        facts=(
            ("load", f"{first.label}, {counted(len(plan.loads), 'round')}"),
            ("lasts", _lasts(plan) if known else "until all are answered: a closed loop"),
            ("requests", f"{len(plan):,} for each of {', '.join(plan.arms)}"),
            ("of the log", f"{_distinct(plan.picks)}, {taken}"),
            ("in flight", f"at most {plan.max_in_flight:,}; more are dropped"),
            *_common_facts(plan),
        ),
        tables=(blocks_table(plan),),
    )


def log_name(plan: PairedPlan | LoadPlan) -> str:
    """The log a plan replays, without its folder."""
    return Path(plan.log.source).name


def text_of(request: Request) -> str:
    """What a request asks for, on one short line."""
    said = str(request.body.get("query") or request.body.get("jobDescription") or "(no text)")
    return clipped(said)


def _common_facts(plan: PairedPlan | LoadPlan) -> tuple[tuple[str, str], ...]:
    return (
        ("caches", plan.cache_state),
        ("warm-up", f"{counted(len(plan.warm_up), 'request')}, discarded"),
        ("timeout", duration(plan.timeout_s)),
        ("seed", str(plan.seed)),
    )


def _distinct(picks: np.ndarray) -> str:
    return f"{len(np.unique(picks)):,} different ones"


def _lasts(plan: LoadPlan) -> str:
    spans = [getattr(load, "span_ns", 0) / 1e9 for load in plan.loads]
    return f"{duration(sum(spans) * len(plan.arms))} of load, without warm-up and settling"
