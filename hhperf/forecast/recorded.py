"""From a run on disk to requests taken apart; of this kit's arms, live services and callables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hhperf.errors import RunError
from hhperf.forecast.taken_apart import ON_A_CONNECTION, Floats, Integers, Part, Requests, ends
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.search.arm_names import bare_name
from hhperf.search.order import Waits
from hhperf.search.schedule import (
    EAGER,
    SEQUENTIAL,
    Schedule,
    in_running_order,
    is_schedule,
    order_of,
)
from hhperf.search.trace import POOL

CACHE = "cache"
BESIDE = (CACHE, POOL, "connect")
"""Spans that are no stages of a schedule."""

WITH_RETRIEVAL: Waits = {
    "embedding": (),
    "specialty": (),
    "retrieval": ("embedding",),
    "ranking": ("retrieval", "specialty"),
    "rerank": ("ranking",),
}
"""What the stages need that the deployed service tells of."""
ROUNDING_S = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class _Spans:
    """One arm's spans as arrays by stage, in the order of the answered requests; NaN for none."""

    starts: Mapping[str, Floats]
    durations: Mapping[str, Floats]
    modelled: Mapping[str, Floats]

    @property
    def is_told(self) -> bool:
        """Whether a service told how long its stages took and not when: all begin at once."""
        starts = np.stack(list(self.starts.values()))
        return len(starts) > 1 and bool((np.fmax.reduce(starts) == np.fmin.reduce(starts)).all())

    def of(self, stage: str, n: int) -> tuple[Floats, Floats, Floats]:
        """Start, duration and modelled delay of a stage, NaN where it did not run."""
        nothing = np.full(n, np.nan)
        return (
            self.starts.get(stage, nothing),
            self.durations.get(stage, nothing),
            self.modelled.get(stage, nothing),
        )


def take_apart(
    run: Run,
    *,
    arm: Arm = Arm.CONTROL,
    schedule: str | None = None,
    inputs: Waits | None = None,
) -> Requests:
    """Take one arm's answered requests apart.

    Args:
        run: in pairs or under load, of one arm or several.
        arm: which.
        schedule: in which order its stages ran, where the run does not say; of a live service that
            tells only how long they took, one after another when that fits into its answers' times.
        inputs: of stages that are not this kit's, what each takes of others; by default all that
            had ended when it began.

    Raises:
        RunError: no answer tells of its stages, or their order is not known.
        ScheduleError: the schedule cannot be run.
    """
    frame = _answered(run, arm)
    spans = run.spans()
    spans = spans[(spans["arm"].astype(str) == arm.value) & spans["pair"].isin(frame.index)]
    spans = spans.assign(stage=spans["stage"].astype(str))
    own = spans[~spans["stage"].isin(BESIDE)]
    if own.empty:
        name = run.metadata.design.arms[arm]
        raise RunError(f"{run.path}: {name} told nothing of its stages: nothing can be predicted")
    seen = _by_stage(own, frame.index)
    totals = frame["service_time_s"].to_numpy(dtype=np.float64)
    order = _schedule(run, arm, schedule, inputs, seen, totals)
    waits = ({}, {}) if seen.is_told else _pool_waits(spans, own, frame.index)
    return _requests(order, seen, totals, waits, frame, spans)


def _answered(run: Run, arm: Arm) -> pd.DataFrame:
    frame = run.frame()
    mine = frame["arm"].astype(str) == arm.value
    ok = frame["outcome"].astype(str) == Outcome.OK.value
    cached = frame["cache_result"].isin([True])
    found = frame[mine & ok & ~cached].set_index("pair").sort_values("intended_start_ns")
    if found.empty:
        raise RunError(f"{run.path}: {arm.value} has no answered search: nothing can be predicted")
    return found


def _by_stage(spans: pd.DataFrame, pairs: pd.Index) -> _Spans:
    def wide(column: str, how: str) -> dict[str, Floats]:
        table = spans.pivot_table(index="pair", columns="stage", values=column, aggfunc=how)
        table = table.reindex(pairs)
        return {str(each): table[each].to_numpy(dtype=np.float64) for each in table.columns}

    return _Spans(wide("start_s", "min"), wide("duration_s", "sum"), wide("modelled_s", "sum"))


def _schedule(
    run: Run,
    arm: Arm,
    text: str | None,
    inputs: Waits | None,
    seen: _Spans,
    totals: Floats,
) -> Schedule:
    name = run.metadata.design.arms[arm]
    if text is None and inputs is None and is_schedule(name):
        order = order_of(name)
        return Schedule(bare_name(name), order.inputs, order.waits)
    if not seen.is_told:
        ran = _observed_waits(seen)
        takes = inputs or ran
        return Schedule.of(takes, ran) if text is None else _written(text, takes)
    takes = inputs or _inputs_of(seen.durations, run)
    if text is not None:
        return _written(text, takes)
    together = np.nansum(list(seen.durations.values()), axis=0)
    if np.mean(together <= totals + ROUNDING_S) < 0.95:
        raise RunError(
            f"{run.path}: {name} tells how long its stages took and not when, and some overlapped;"
            " say in which order they ran (control=, --control)"
        )
    return _written(SEQUENTIAL, takes)


def _written(text: str, inputs: Waits) -> Schedule:
    return Schedule.parse(text, None if inputs == order_of(EAGER).inputs else inputs)


def _inputs_of(stages: Iterable[str], run: Run) -> Waits:
    """What this kit's stages, or those that the deployed service tells of, take of each other."""
    names = set(stages)
    whole = order_of(EAGER).inputs
    if names <= whole.keys():
        return whole
    if names <= WITH_RETRIEVAL.keys():
        return WITH_RETRIEVAL
    raise RunError(
        f"{run.path}: what {', '.join(sorted(names - whole.keys()))} takes of other stages is not"
        " known; say it (inputs=)"
    )


def _observed_waits(seen: _Spans) -> Waits:
    """For each stage those that had always ended when it began; those that began first first."""
    begun = {name: float(np.nanmedian(each)) for name, each in seen.starts.items()}
    names = sorted(begun, key=begun.__getitem__)
    return {
        later: tuple(each for each in names if each != later and _always_before(seen, each, later))
        for later in names
    }


def _always_before(seen: _Spans, earlier: str, later: str) -> bool:
    gap = seen.starts[later] - (seen.starts[earlier] + seen.durations[earlier])
    both = gap[np.isfinite(gap)]
    return len(both) > 0 and bool((both >= 0).all())


def _pool_waits(
    spans: pd.DataFrame, own: pd.DataFrame, pairs: pd.Index
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """How long each stage waited for a connection, and how far into it that began."""
    waits = spans[spans["stage"] == POOL]
    if waits.empty:
        return {}, {}
    on = own[own["stage"].isin(ON_A_CONNECTION)]
    both = waits.reset_index().merge(on, on="pair", suffixes=("_wait", ""))
    starts, began = both["start_s_wait"], both["start_s"]
    inside = both[(began <= starts) & (starts < began + both["duration_s"])]
    owner = inside.sort_values("start_s").groupby("index").tail(1)
    owner = owner.assign(into=owner["start_s_wait"] - owner["start_s"])
    found: list[dict[str, Floats]] = []
    for column, how in (("duration_s_wait", "sum"), ("into", "min")):
        wide = owner.pivot_table(index="pair", columns="stage", values=column, aggfunc=how)
        wide = wide.reindex(pairs)
        found.append({str(each): wide[each].to_numpy(dtype=np.float64) for each in wide.columns})
    return found[0], found[1]


def _requests(
    schedule: Schedule,
    seen: _Spans,
    totals: Floats,
    pool: tuple[Mapping[str, Floats], Mapping[str, Floats]],
    frame: pd.DataFrame,
    spans: pd.DataFrame,
) -> Requests:
    n, (waits, into) = len(totals), pool
    stages = [each for each in in_running_order(schedule.waits) if each in seen.starts]
    told = seen.is_told
    head = np.zeros(n) if told else _first([seen.starts[each] for each in stages], n)
    parts: dict[str, Part] = {}
    ended: dict[str, Floats] = {}
    for stage in in_running_order(schedule.waits):
        ready = _ready(schedule.waits[stage], ended, head)
        start, duration, modelled = seen.of(stage, n)
        ran = np.isfinite(duration)
        if ran.any():
            lead = np.zeros(n) if told else np.where(ran, np.maximum(start - ready, 0.0), 0.0)
            own = np.nan_to_num(duration)
            wait = np.minimum(np.nan_to_num(waits.get(stage, np.zeros(n))), own)
            before = _until_asked(stage, into, own - wait, with_waits=bool(waits))
            parts[stage] = Part(lead, before, wait, own - wait - before, np.nan_to_num(modelled))
            ended[stage] = np.where(ran, ready + lead + own, ready)
        else:
            ended[stage] = ready
    bare = Requests(
        schedule, parts, head, np.zeros(n), _looked_up(spans, frame.index),
        tuple(frame["request_id"].astype(str)), _codes(frame["text_key"].to_numpy()),
    )  # fmt: skip
    last = np.maximum.reduce(list(ends(bare, queued=True).values()))
    return Requests(
        schedule, parts, head, np.maximum(totals - head - last, 0.0), bare.looked_up, bare.ids,
        bare.texts,
    )  # fmt: skip


def _until_asked(
    stage: str, into: Mapping[str, Floats], own: Floats, *, with_waits: bool
) -> Floats:
    """Of a stage without a connection all its time; where none tells of waits, none of it."""
    if stage not in ON_A_CONNECTION:
        return own
    if not with_waits:
        return np.zeros_like(own)
    asked = into.get(stage)
    return own if asked is None else np.minimum(np.where(np.isnan(asked), own, asked), own)


def _first(starts: Sequence[Floats], n: int) -> Floats:
    earliest: Floats = np.fmin.reduce(starts) if starts else np.zeros(n)
    return np.nan_to_num(earliest)


def _ready(before: Sequence[str], ended: Mapping[str, Floats], head: Floats) -> Floats:
    ready: Floats = np.maximum.reduce([head, *(ended[each] for each in before)])
    return ready


def _looked_up(spans: pd.DataFrame, pairs: pd.Index) -> Floats:
    """What asking the cache took: the first of its spans."""
    asked = spans[spans["stage"] == CACHE].sort_values("start_s").groupby("pair").head(1)
    found: Floats = asked.set_index("pair")["duration_s"].reindex(pairs).to_numpy(dtype=np.float64)
    return found


def _codes(labels: Integers) -> Integers:
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)
