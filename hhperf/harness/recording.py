"""From what came of a pair to the observations of the run."""

from collections.abc import Callable, Mapping

from hhperf.harness.attempt import Attempt
from hhperf.harness.plan import Pair
from hhperf.harness.results import result_digest, same_results, text_key
from hhperf.harness.target import Reply
from hhperf.runs import Arm, Observation

_NO_REPLY = Reply()


def pair_observations(
    pair: Pair,
    attempts: Mapping[Arm, Attempt],
    names: Mapping[Arm, str],
    paused_ns: Callable[[int, int], int] | None = None,
) -> list[Observation]:
    """The observations of a pair, in the order of sending.

    A pair has no schedule: each request is intended, taken up and sent at the same moment.

    Args:
        pair: what was sent.
        attempts: what came of it, by arm; an arm never sent is absent.
        names: what serves each arm.
        paused_ns: how long the garbage collector ran between two points in time.
    """
    key = text_key(pair.request.body)
    control = attempts.get(Arm.CONTROL)
    return [
        _observation(
            pair, arm, sent, names[arm], key, _match(arm, sent, control), _paused(sent, paused_ns)
        )
        for arm, sent in attempts.items()
    ]


def _observation(
    pair: Pair, arm: Arm, sent: Attempt, name: str, key: int, match: bool | None, pause_ns: int
) -> Observation:
    reply = sent.reply or _NO_REPLY
    return Observation(
        pair=pair.number,
        request_id=pair.request.request_id,
        arm=arm,
        arm_schedule=name,
        repetition=pair.repetition,
        position=pair.order.index(arm),
        tenant=pair.request.tenant,
        session=pair.request.session,
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
        results_match=match,
        error=sent.error,
        gc_pause_ns=pause_ns,
    )


def _paused(sent: Attempt, paused_ns: Callable[[int, int], int] | None) -> int:
    return paused_ns(sent.start_ns, sent.end_ns) if paused_ns else 0


def _match(arm: Arm, sent: Attempt, control: Attempt | None) -> bool | None:
    if arm is Arm.CONTROL or control is None or control.reply is None or sent.reply is None:
        return None
    return same_results(control.reply.results, sent.reply.results)
