"""The statistics of savings: paired, clustered, at every quantile.

Needs NumPy and SciPy only. ``compare_samples`` is the way in; the rest are the parts it is made of.
"""

from hhperf.analysis.clusters import ClusterChoice, choose_clusters
from hhperf.analysis.compare import compare_samples
from hhperf.analysis.comparison import Comparison, Failures, StatisticResult
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.gate import Gate
from hhperf.analysis.gates import (
    aa_gates,
    cache_gate,
    cpu_gate,
    failure_gate,
    lag_gate,
    mismatch_gate,
    order_gate,
)
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.per_request import PerRequest, per_request
from hhperf.analysis.power import pairs_needed
from hhperf.analysis.proportion import Proportion, mcnemar, wilson
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.score import score_saving
from hhperf.analysis.shift import ShiftFunction, shift_function
from hhperf.analysis.verdict import Verdict, decide, holm

__all__ = [
    "ClusterChoice",
    "Comparison",
    "Estimate",
    "Failures",
    "Gate",
    "Pairs",
    "PerRequest",
    "Proportion",
    "ShiftFunction",
    "StatisticResult",
    "Verdict",
    "aa_gates",
    "cache_gate",
    "choose_clusters",
    "compare_samples",
    "cpu_gate",
    "decide",
    "failure_gate",
    "holm",
    "lag_gate",
    "make_pairs",
    "mcnemar",
    "mean_saving",
    "mismatch_gate",
    "order_gate",
    "pairs_needed",
    "per_request",
    "quantile_savings",
    "score_saving",
    "shift_function",
    "wilson",
]
