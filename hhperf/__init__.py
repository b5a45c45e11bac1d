"""hhperf measures whether running a search's independent steps in parallel pays.

The road through it is one way::

    QueryLog → Study → Run → Comparison → table | figure | report

    import hhperf

    log = hhperf.load_query_log("queries.jsonl")
    with hhperf.Stack() as stack:
        run = hhperf.Study(profile="plan", rerank=False).record_sync(log, stack, "results/mine")
    print(hhperf.compare(run))

In a notebook: `run = await hhperf.Study(...).record(log, stack, "results/mine")`. Names are loaded
when they are first used, so `import hhperf` is quick and `hhperf.analysis` needs NumPy and SciPy
alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hhperf.analysis import Comparison, Estimate, Gate, Verdict, compare_samples
    from hhperf.breakdown import Breakdown, break_down
    from hhperf.comparing import compare
    from hhperf.errors import HhperfError
    from hhperf.harness import CacheState, Reply, Target, plan_pairs
    from hhperf.harness.replay import replay, replay_sync
    from hhperf.profiles import LatencyProfile, load_profile
    from hhperf.report import Findings, write_report
    from hhperf.runs import Arm, Run, load_run
    from hhperf.settings import Settings
    from hhperf.stack import Corpus, Stack
    from hhperf.study import Study
    from hhperf.workload import LoggedRequest, QueryLog, load_query_log, make_query_log

__version__ = "0.1.0"

_HOMES = {
    "hhperf.analysis": ("Comparison", "Estimate", "Gate", "Verdict", "compare_samples"),
    "hhperf.breakdown": ("Breakdown", "break_down"),
    "hhperf.comparing": ("compare",),
    "hhperf.errors": ("HhperfError",),
    "hhperf.harness": ("CacheState", "Reply", "Target", "plan_pairs", "replay", "replay_sync"),
    "hhperf.profiles": ("LatencyProfile", "load_profile"),
    "hhperf.report": ("Findings", "write_report"),
    "hhperf.runs": ("Arm", "Run", "load_run"),
    "hhperf.settings": ("Settings",),
    "hhperf.stack": ("Corpus", "Stack"),
    "hhperf.study": ("Study",),
    "hhperf.workload": ("LoggedRequest", "QueryLog", "load_query_log", "make_query_log"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Arm",
    "Breakdown",
    "CacheState",
    "Comparison",
    "Corpus",
    "Estimate",
    "Findings",
    "Gate",
    "HhperfError",
    "LatencyProfile",
    "LoggedRequest",
    "QueryLog",
    "Reply",
    "Run",
    "Settings",
    "Stack",
    "Study",
    "Target",
    "Verdict",
    "break_down",
    "compare",
    "compare_samples",
    "load_profile",
    "load_query_log",
    "load_run",
    "make_query_log",
    "plan_pairs",
    "replay",
    "replay_sync",
    "write_report",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'hhperf' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
