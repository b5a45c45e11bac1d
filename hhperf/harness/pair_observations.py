"""From what came of a pair to its observations."""

from collections.abc import Callable, Mapping

from hhperf.harness.flight import Attempt
from hhperf.harness.paired_plan import Pair
from hhperf.harness.target import Reply, result_digest, same_results, text_key
from hhperf.runs.observation import Arm, Observation

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
                service_ns=reply.service_ns,
                excess_ns=reply.excess_ns,
                result_count=len(reply.results),
                result_digest=result_digest(reply.results) if sent.reply else "",
                results_match=_match(arm, sent, control),
                error=sent.error,
                gc_pause_ns=paused_ns(sent.start_ns, sent.end_ns),
                cost=reply.cost,
                cache_failures=reply.cache_failures,
            )
        )
    return observations


def _match(arm: Arm, sent: Attempt, control: Attempt | None) -> bool | None:
    if arm is Arm.CONTROL or control is None or control.reply is None or sent.reply is None:
        return None
    return same_results(control.reply.results, sent.reply.results)
