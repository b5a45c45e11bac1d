"""What can be said of requests that were sent to both arms."""

from collections.abc import Mapping
from dataclasses import dataclass

from hhperf.analysis.censoring import Censoring, any_stall
from hhperf.analysis.clean_pairs import clean_pairs, joint_obstacle
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import PerRequest, per_request
from hhperf.analysis.ranks import measurable, statistic_name
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.savings import QUANTILES
from hhperf.analysis.score import score_saving
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction, shift_function
from hhperf.errors import SampleError
from hhperf.runs.arrays import Integers
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.run import Run
from hhperf.verdict.compare import cluster_codes
from hhperf.verdict.stalled import censored_by, stalls_in
from hhperf.verdict.stopping import sequence_of


@dataclass(frozen=True, slots=True)
class OfPairs:
    """What pairs say beside the savings.

    Attributes:
        per_request: what single requests gain.
        opinions: the score test's interval at each measurable quantile.
        shift: the saving at every quantile; None for a run too short, or of which stalls hid all.
        path: the confidence sequence of a run that stopped on its verdict, else None.
    """

    per_request: PerRequest
    opinions: Mapping[str, Estimate]
    shift: ShiftFunction | None
    path: SequentialPath | None


def of_pairs(run: Run, threshold: float, seed: int) -> OfPairs:
    """Analyse the pairs of a run, without its stalls if there were any.

    Args:
        run: paired.
        threshold: the saving that is claimed.
        seed: of the bootstrap.

    Raises:
        RunError: the run has no pair to compare.
    """
    pairs = run.pairs()
    _, codes, _ = cluster_codes(pairs)
    arms = (pairs.control, pairs.treatment, codes)
    stalls = stalls_in(run, pairs)
    censoring = censored_by(stalls, pairs) if stalls is not None and len(stalls) else None
    clean = _without_stalls(make_pairs(*arms), censoring)
    return OfPairs(
        per_request=per_request(*arms, threshold=threshold, censoring=censoring),
        opinions={
            statistic_name(q): score_saving(clean, q, threshold=threshold)
            for q in QUANTILES
            if clean is not None and measurable(q, clean.n)
        },
        shift=_shift(pairs, codes, censoring, seed),
        path=sequence_of(run, pairs, codes, threshold),
    )


def _without_stalls(pairs: Pairs, censoring: Censoring | None) -> Pairs | None:
    """The pairs in clean windows, weighted; None where there are too few."""
    if censoring is None or not any_stall(pairs, censoring):
        return pairs
    return None if joint_obstacle(censoring) else clean_pairs(pairs, censoring)[0]


def _shift(
    pairs: RecordedPairs, codes: Integers | None, censoring: Censoring | None, seed: int
) -> ShiftFunction | None:
    if not measurable(0.5, len(pairs)):
        return None
    try:
        return shift_function(pairs.control, pairs.treatment, codes, censoring=censoring, seed=seed)
    except SampleError:
        return None
