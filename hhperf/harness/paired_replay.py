"""Replays pairs: each request goes to every arm, back to back, in the order that the plan says."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import takewhile
from pathlib import Path
from time import perf_counter_ns
from typing import Protocol, TypeVar

from hhperf.harness.flight import Attempt, attempt
from hhperf.harness.fresh_pairs import FreshPairs
from hhperf.harness.health import watched
from hhperf.harness.paired_plan import Pair, PairedPlan
from hhperf.harness.preparation import Targets, opened, perform_all, record, send_unrecorded
from hhperf.harness.target import Reply, result_digest, same_results, text_key
from hhperf.long_work import lengthen, progress_bar
from hhperf.runs.metadata import Conditions, describe
from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.run import Run
from hhperf.runs.writer import RunWriter, empty_folder

Item = TypeVar("Item")
Latencies = tuple[float, float]


class StopRule(Protocol):
    """Told each pair's latencies, says when it has seen enough."""

    def __call__(self, control_s: float, treatment_s: float, /) -> bool:
        """Whether the replay may end; a failed request is +inf seconds."""


class Stopper:
    """Tells a rule the pairs in the plan's order, however they end.

    Pairs measured side by side end shortest first: a rule told as they end would see too many short
    ones.
    """

    def __init__(self, rule: StopRule | None) -> None:
        self._rule = rule
        self._ended: dict[int, Latencies | None] = {}
        self._next = 0
        self._is_enough = False

    def until_enough(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items as long as the rule wants more."""
        return takewhile(lambda _: not self._is_enough, items)

    def note(self, pair: int, observations: Iterable[Observation]) -> None:
        """Take note of a pair that has ended."""
        if self._rule is None:
            return
        self._ended[pair] = _latencies({each.arm: each for each in observations})
        while self._next in self._ended and not self._is_enough:
            latencies = self._ended.pop(self._next)
            self._next += 1
            if latencies is not None:
                self._is_enough = self._rule(*latencies)


def _latencies(seen: dict[Arm, Observation]) -> Latencies | None:
    """Both arms' seconds; None for a pair that the comparison leaves out."""
    if len(seen) < len(Arm) or any(
        each.outcome is Outcome.CANCELLED or each.results_match is False for each in seen.values()
    ):
        return None
    return _seconds(seen[Arm.CONTROL]), _seconds(seen[Arm.TREATMENT])


def _seconds(seen: Observation) -> float:
    return (seen.end_ns - seen.start_ns) / 1e9 if seen.outcome is Outcome.OK else float("inf")


_NO_REPLY = Reply()


def pair_observations(
    pair: Pair,
    attempts: Mapping[Arm, Attempt],
    names: Mapping[Arm, str],
    paused_ns: Callable[[int, int], int],
) -> list[Observation]:
    """The observations of a pair, in the order of sending.

    A pair has no schedule: each request is intended, taken up and sent at the same moment.

    Args:
        pair: what was sent.
        attempts: what came of it, by arm; an arm never sent is absent.
        names: what serves each arm.
        paused_ns: how long the garbage collector ran between two points in time.
    """
    request, control = pair.request, attempts.get(Arm.CONTROL)
    key = text_key(request.body)
    observations = []
    for arm, sent in attempts.items():
        reply = sent.reply or _NO_REPLY
        observations.append(
            Observation(
                pair=pair.number,
                request_id=request.request_id,
                arm=arm,
                arm_schedule=names[arm],
                repetition=pair.repetition,
                position=pair.order.index(arm),
                tenant=request.tenant,
                session=request.session,
                text_key=key,
                intended_start_ns=sent.start_ns,
                dispatched_ns=sent.start_ns,
                start_ns=sent.start_ns,
                end_ns=sent.end_ns,
                outcome=sent.outcome,
                spans=reply.spans,
                cache_hits=reply.cache_hits,
                missing=reply.missing,
                result_count=len(reply.results),
                result_digest=result_digest(reply.results) if sent.reply else "",
                results_match=_match(arm, sent, control),
                error=sent.error,
                gc_pause_ns=paused_ns(sent.start_ns, sent.end_ns),
            )
        )
    return observations


def _match(arm: Arm, sent: Attempt, control: Attempt | None) -> bool | None:
    if arm is Arm.CONTROL or control is None or control.reply is None or sent.reply is None:
        return None
    return same_results(control.reply.results, sent.reply.results)


async def replay_pairs(
    plan: PairedPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
    stop: StopRule | None = None,
    progress: bool | None = None,
) -> Run:
    """Replay the plan against the targets and record every request.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured. In a notebook: `run = await hhperf.replay(...)`.

    Args:
        plan: what to send, made by `plan_pairs`.
        targets: one for each arm, no two the same; opened and closed here.
        out: the run's folder, new or empty.
        conditions: what the run's metadata say beside the plan.
        stop: ends the replay before the plan does; told each pair in the plan's order.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: the folder is not empty or cannot be written.
        PlanError: an arm has no target, or two share one.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    folder = empty_folder(Path(out))
    async with opened(plan, targets, progress) as (used, ready):
        await send_unrecorded(
            "warm up", plan.warm_up_requests(), used, plan.timeout_s, plan.in_flight, progress
        )
        metadata = describe(
            conditions or Conditions(),
            plan.log_facts(),
            plan.design(ready.names),
            plan.seed,
            shared=ready.shared,
        )
        stopper = Stopper(stop)

        async def measure(writer: RunWriter) -> None:
            with progress_bar("measure", len(plan), progress) as bar:
                async with watched(writer, bar) as watch:
                    fresh = FreshPairs(plan, watch.stalls)

                    async def perform(pair: Pair) -> None:
                        attempts: dict[Arm, Attempt] = {}
                        try:
                            await _send_pair(pair, used, plan.timeout_s, attempts)
                        finally:
                            observations = pair_observations(
                                pair, attempts, ready.names, watch.pauses.within_ns
                            )
                            writer.add(*observations)
                            stopper.note(pair.number, observations)
                            fresh.note(observations)

                    pairs = fresh.pairs(partial(lengthen, bar)) if stop is None else plan.pairs()
                    await perform_all(stopper.until_enough(pairs), perform, plan.in_flight, bar)

        return await record(folder, metadata, measure)


async def _send_pair(
    pair: Pair, targets: Targets, timeout_s: float, attempts: dict[Arm, Attempt]
) -> None:
    """Send to each arm in turn, back to back; what came of each goes into `attempts`."""
    for arm in pair.order:
        start_ns = perf_counter_ns()
        try:
            attempts[arm] = await attempt(targets[arm], pair.request, timeout_s)
        except asyncio.CancelledError:
            attempts[arm] = Attempt(start_ns, perf_counter_ns(), Outcome.CANCELLED)
            raise
