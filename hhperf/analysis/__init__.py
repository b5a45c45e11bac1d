"""The statistics of savings: paired, clustered, at every quantile.

Needs NumPy and SciPy only. ``compare_samples`` is the way in; the rest are the parts it is made of.
"""

from hhperf.analysis.clusters import ClusterChoice, choose_clusters
from hhperf.analysis.compare import compare_runs, compare_samples
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
from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.per_request import PerRequest, per_request
from hhperf.analysis.plan import Goal, Plan, plan_from_assumptions, plan_from_pilot
from hhperf.analysis.power import pairs_needed
from hhperf.analysis.proportion import Proportion, mcnemar, wilson
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.runs import RunsEstimate, estimate_over_runs, runs_saving
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.score import score_saving
from hhperf.analysis.sequential import SequentialPath, sequential_test
from hhperf.analysis.shift import ShiftFunction, shift_function
from hhperf.analysis.verdict import Verdict, decide, holm

__all__ = [
    "ClusterChoice",
    "Comparison",
    "Estimate",
    "Failures",
    "Gate",
    "Goal",
    "Pairs",
    "PerRequest",
    "Plan",
    "Proportion",
    "RunsEstimate",
    "SequentialPath",
    "ShiftFunction",
    "StatisticResult",
    "Verdict",
    "aa_gates",
    "cache_gate",
    "choose_clusters",
    "compare_runs",
    "compare_samples",
    "cpu_gate",
    "decide",
    "estimate_over_runs",
    "failure_gate",
    "holm",
    "lag_gate",
    "make_pairs",
    "mcnemar",
    "mean_saving",
    "mismatch_gate",
    "open_loop_savings",
    "order_gate",
    "pairs_needed",
    "per_request",
    "plan_from_assumptions",
    "plan_from_pilot",
    "quantile_savings",
    "runs_saving",
    "score_saving",
    "sequential_test",
    "shift_function",
    "wilson",
]
