"""Pairs measured on a machine that stalls, whose saving without stalls is known."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hhperf.analysis.censoring import Censoring, met_stall
from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.analysis.simulate import Simulated

IN_FLIGHT = 10
BLOCK_S = 2.0
"""About the time in which all that is in flight together has begun and ended."""

MEDIANS_S = (0.050, 0.020, 0.100, 0.100, 0.080)
"""Embedding, specialty, vector search, text search and scoring, as the profile `plan` has them."""

SIGMA = 0.25
BURST_SIGMA = 0.8
_MANY = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Stalls:
    """When a machine stood still.

    Attributes:
        starts: in seconds, ascending, shape (k,).
        ends: shape (k,), each before the next start.
    """

    starts: FloatArray
    ends: FloatArray

    def passed(self, times: FloatArray) -> FloatArray:
        """The times, those within a stall moved to its end."""
        last = np.searchsorted(self.starts, times, "right") - 1
        return np.where(last >= 0, np.maximum(times, self.ends[last]), times)

    def next_onset(self, times: FloatArray) -> IntArray:
        """Number of the first stall that starts at or after each time; k when none does."""
        return np.searchsorted(self.starts, times).astype(np.intp)

    def before(self, times: FloatArray) -> FloatArray:
        """Stalled time up to each time."""
        lengths = np.concatenate([[0.0], np.cumsum(self.ends - self.starts)])
        last = np.searchsorted(self.starts, times, "right")
        beyond = np.where(last > 0, self.ends[last - 1] - times, 0.0)
        return np.asarray(lengths[last] - np.maximum(beyond, 0.0))


def draw_stalls(rng: np.random.Generator, seconds: float, share: float, burst_s: float) -> Stalls:
    """Exponential gaps and lognormal bursts, which take ``share`` of the time.

    Args:
        rng: the generator.
        seconds: how long at the least.
        share: of the time lost, in 0..1, exclusive.
        burst_s: mean length of a burst.
    """
    count = int(2 * seconds * share / burst_s) + 50
    gaps = rng.exponential(burst_s * (1 - share) / share, count)
    bursts = rng.lognormal(np.log(burst_s) - BURST_SIGMA**2 / 2, BURST_SIGMA, count)
    bursts = np.minimum(bursts, 8 * burst_s)
    ends = np.cumsum(gaps + bursts)
    return Stalls(ends - bursts, ends)


@dataclass(frozen=True, slots=True, eq=False)
class StalledPairs:
    """Pairs, what stalls did to them, and what they would have been.

    Attributes:
        seen: the latencies as they were measured, in seconds.
        free: the same requests' latencies without stalls.
        censoring: what stalls did.
    """

    seen: Simulated
    free: Simulated
    censoring: Censoring


def stalled_triples(
    rng: np.random.Generator,
    n: int,
    *,
    share: float,
    burst_s: float,
    saving: float = 0.20,
    q: float | None = None,
    alike: bool = False,
) -> StalledPairs:
    """Control, treatment and control again in drawn orders, ten triples in flight, closed loop.

    The control runs five stages one after the other, the treatment runs embedding beside
    specialty and the searches beside each other; both meet the same durations. A stage that would
    end within a stall ends with it.

    Args:
        rng: the generator.
        n: triples.
        share: of the time that the machine stands still, in 0..1, exclusive.
        burst_s: mean length of a stall.
        saving: the true one, without stalls.
        q: the quantile at which it holds exactly, None for the mean.
        alike: both arms run the stages one after the other, so the saving holds at every quantile.
    """
    stages = _stages(rng, n)
    control, treatment = stages, _treatment(stages, saving, q, alike=alike)
    free = Simulated(control.sum(axis=0), treatment.sum(axis=0))
    rounds = -(-n // IN_FLIGHT)
    most = float(free.control.max() * 2 + free.treatment.max())
    stalls = draw_stalls(rng, rounds * most / (1 - share) ** 2 + 60, share, burst_s)
    starts, ends = _replay(rng, (control, treatment, control), stalls)
    return StalledPairs(Simulated(*(ends - starts)[:2]), free, censor(starts, ends, stalls))


def censor(starts: FloatArray, ends: FloatArray, stalls: Stalls) -> Censoring:
    """What stalls did to requests of which both times are known.

    Args:
        starts: of the control's requests and the treatment's, shape (2, n) or more rows.
        ends: the same of their ends.
        stalls: all of them.
    """
    starts, ends = starts[:2], ends[:2]
    first, last = starts.min(axis=0), ends.max(axis=0)
    onsets = np.append(stalls.starts, np.inf)
    clean = onsets[stalls.next_onset(starts)] - starts
    met = met_stall(ends - starts, clean)
    stalled = stalls.before(ends) - stalls.before(starts)
    numbers = np.where(met, stalls.next_onset(starts), -1)
    return Censoring(
        control_clean=clean[0],
        treatment_clean=clean[1],
        control_stalled=stalled[0],
        treatment_stalled=stalled[1],
        joint_clean=onsets[stalls.next_onset(first)] - first,
        joint_length=last - first,
        control_onset=numbers[0],
        treatment_onset=numbers[1],
        blocks=(first // BLOCK_S).astype(np.intp),
    )


def _replay(
    rng: np.random.Generator, arms: tuple[FloatArray, ...], stalls: Stalls
) -> tuple[FloatArray, FloatArray]:
    """When each request of each arm started and ended, shape (arms, n) each."""
    n = arms[0].shape[1]
    starts, ends = np.empty((2, len(arms), n))
    clock = stalls.passed(rng.uniform(0.0, 1.0, IN_FLIGHT))
    order = rng.permuted(np.tile(np.arange(len(arms)), (n, 1)), axis=1)
    durations = np.stack([_padded(stages, len(arms[0])) for stages in arms])
    for first in range(0, n, IN_FLIGHT):
        triples = np.arange(first, min(first + IN_FLIGHT, n))
        now = clock[: len(triples)]
        for place in range(len(arms)):
            arm = order[triples, place]
            starts[arm, triples] = now
            for stage in range(durations.shape[1]):
                now = stalls.passed(now + durations[arm, stage, triples])
            ends[arm, triples] = now
        clock[: len(triples)] = now
    return starts, ends


def _padded(stages: FloatArray, count: int) -> FloatArray:
    """The same arm with stages of no length after its own."""
    return np.concatenate([stages, np.zeros((count - len(stages), stages.shape[1]))])


def _stages(rng: np.random.Generator, n: int) -> FloatArray:
    return np.array(MEDIANS_S)[:, None] * np.exp(SIGMA * rng.standard_normal((len(MEDIANS_S), n)))


def _treatment(stages: FloatArray, saving: float, q: float | None, *, alike: bool) -> FloatArray:
    if alike:
        return (1 - saving) * stages
    return (1 - saving) * _level(q) * _parallel(stages)


def _parallel(stages: FloatArray) -> FloatArray:
    embedding, specialty, vector, text, scoring = stages
    return np.stack([np.maximum(embedding, specialty), np.maximum(vector, text), scoring])


@lru_cache(maxsize=8)
def _level(q: float | None) -> float:
    """What the treatment's stages are multiplied by to take as long as the control's at ``q``."""
    stages = _stages(np.random.default_rng(0), _MANY)
    control, treatment = stages.sum(axis=0), _parallel(stages).sum(axis=0)
    if q is None:
        return float(control.mean() / treatment.mean())
    return float(np.quantile(control, q) / np.quantile(treatment, q))
