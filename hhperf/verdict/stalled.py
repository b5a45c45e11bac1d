"""What the machine's stalls did to the pairs of a run."""

import numpy as np

from hhperf.analysis.censoring import Censoring
from hhperf.analysis.recovery import recovering
from hhperf.analysis.relief import Relief
from hhperf.analysis.stall_free_open_loop import ArrivalCensoring
from hhperf.runs.arrays import Floats, Integers
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.run import Run
from hhperf.runs.stalls import Stalls, stalls_of

SHORTEST_S = 1e-6
PAIRS_A_BLOCK = 2
"""Of time, in lengths of a pair: what is in flight together mostly begins in one."""


def stalls_in(run: Run, pairs: RecordedPairs) -> Stalls | None:
    """The stalls that count against what is measured; None for a run that nothing watched."""
    answered = pairs.control[np.isfinite(pairs.control)]
    return stalls_of(run, float(np.median(answered)) if len(answered) else 0.0)


def censored_by(stalls: Stalls, pairs: RecordedPairs, treatment: Arm = Arm.TREATMENT) -> Censoring:
    """Lay the stalls beside the pairs.

    Args:
        stalls: of the run that the pairs are of.
        pairs: of a run.
        treatment: what the control is compared with.
    """
    begins, ends, control = pairs.begins_ns, pairs.ends_ns, Arm.CONTROL
    first = np.minimum(begins[control], begins[treatment])
    last = np.maximum(ends[control], ends[treatment])
    met = {
        arm: _clean(stalls, begins[arm], ends[arm], getattr(pairs, arm))
        for arm in (control, treatment)
    }
    return Censoring(
        control_clean=met[control][0],
        treatment_clean=met[treatment][0],
        control_stalled=stalls.within_ns(begins[control], ends[control]) / 1e9,
        treatment_stalled=stalls.within_ns(begins[treatment], ends[treatment]) / 1e9,
        joint_clean=stalls.time_left_s(first),
        joint_length=(last - first) / 1e9,
        control_onset=met[control][1],
        treatment_onset=met[treatment][1],
        blocks=_blocks(first, last),
        relief=Relief(stalls.lost),
    )


def arrivals_censored_by(stalls: Stalls, pairs: RecordedPairs, arm: Arm) -> ArrivalCensoring:
    """The same under load, where a stall leaves a queue behind.

    Args:
        stalls: of the run that the pairs are of.
        pairs: by response time.
        arm: whose requests.
    """
    begins_ns, ends_ns = pairs.begins_ns[arm], pairs.ends_ns[arm]
    clean_s, _ = _clean(stalls, begins_ns, ends_ns, getattr(pairs, arm))
    order = np.argsort(begins_ns, kind="stable")
    left_out = np.empty(len(order), dtype=np.bool_)
    left_out[order] = recovering(
        *(
            each.astype(np.float64)
            for each in (begins_ns[order], ends_ns[order], stalls.begins_ns, stalls.ends_ns)
        )
    )
    return ArrivalCensoring(clean_s, left_out, Relief(stalls.lost, in_flight=False))


def without_stalled_time(stalls: Stalls, pairs: RecordedPairs, arm: Arm) -> Floats:
    """Each latency less what the machine stood still meanwhile, in seconds; +inf for a failure.

    Too short where the request waited for something outside of the machine, but alike in every
    place of a pair's order.
    """
    latency_s: Floats = getattr(pairs, arm)
    stalled_s = stalls.within_ns(pairs.begins_ns[arm], pairs.ends_ns[arm]) / 1e9
    return np.maximum(latency_s - stalled_s, SHORTEST_S)


def _clean(
    stalls: Stalls, begins_ns: Integers, ends_ns: Integers, latency_s: Floats
) -> tuple[Floats, Integers]:
    """How long each request ran clean, and the number of the stall that it met, -1 for none.

    A failure that no stall came before is one for good: nothing hides it.
    """
    clean_s = stalls.time_left_s(begins_ns)
    met = clean_s < (ends_ns - begins_ns) / 1e9
    number = stalls.next_onset(begins_ns) - stalls.covers(begins_ns)
    whole = np.isinf(latency_s) & ~met
    return np.where(whole, np.inf, clean_s), np.where(met, number, -1)


def _blocks(first_ns: Integers, last_ns: Integers) -> Integers:
    """Stretches of time, numbered from 0."""
    length_ns = max(PAIRS_A_BLOCK * int(np.median(last_ns - first_ns)), 1)
    return np.asarray((first_ns - first_ns.min()) // length_ns, dtype=np.int64)
