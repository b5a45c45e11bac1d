"""hhperf measures whether running a search's independent steps in parallel pays.

The road through it is one way::

    QueryLog → Study → Run → Comparison → table | figure | report

    import hhperf

    log = hhperf.load_query_log("queries.jsonl")
    with hhperf.Stack() as stack:
        run = hhperf.Study(profile="plan", rerank=False).record_sync(log, stack, "results/mine")
    print(hhperf.compare(run))

Under load: `plan_load` or `plan_sweep` with `schedules`, `prepare_arms` or `prepare_deployments`,
then `replay` or `record_sweep`, then `compare` or `examine_sweep`. Own code: `compare_callables`.

In a notebook: `run = await hhperf.Study(...).record(log, stack, "results/mine")`. Names are loaded
when they are first used, so `import hhperf` is quick and `hhperf.analysis` needs NumPy and SciPy
alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hhperf.analysis import Comparison, Estimate, Gate, Verdict, compare_samples
    from hhperf.breakdown import Breakdown, break_down
    from hhperf.callables import compare_callables
    from hhperf.errors import HhperfError
    from hhperf.harness import (
        CacheState,
        Reply,
        Target,
        load_sweep,
        plan_load,
        plan_pairs,
        plan_sweep,
        record_sweep,
    )
    from hhperf.judging import compare
    from hhperf.prepared import prepare_arms, prepare_deployments
    from hhperf.profiles import LatencyProfile, load_profile
    from hhperf.replaying import replay, replay_sync
    from hhperf.report import Findings, write_report
    from hhperf.runs import Arm, Run, load_run
    from hhperf.settings import Settings
    from hhperf.stack import Corpus, Stack
    from hhperf.study import Study
    from hhperf.sweeping import Sweep, examine_sweep
    from hhperf.workload import (
        LoggedRequest,
        QueryLog,
        import_log,
        load_query_log,
        make_query_log,
        schedules,
    )

__version__ = "0.1.0"

_HOMES = {
    "hhperf.analysis": ("Comparison", "Estimate", "Gate", "Verdict", "compare_samples"),
    "hhperf.breakdown": ("Breakdown", "break_down"),
    "hhperf.callables": ("compare_callables",),
    "hhperf.errors": ("HhperfError",),
    "hhperf.harness": (
        "CacheState",
        "Reply",
        "Target",
        "load_sweep",
        "plan_load",
        "plan_pairs",
        "plan_sweep",
        "record_sweep",
    ),
    "hhperf.judging": ("compare",),
    "hhperf.prepared": ("prepare_arms", "prepare_deployments"),
    "hhperf.profiles": ("LatencyProfile", "load_profile"),
    "hhperf.replaying": ("replay", "replay_sync"),
    "hhperf.report": ("Findings", "write_report"),
    "hhperf.runs": ("Arm", "Run", "load_run"),
    "hhperf.settings": ("Settings",),
    "hhperf.stack": ("Corpus", "Stack"),
    "hhperf.study": ("Study",),
    "hhperf.sweeping": ("Sweep", "examine_sweep"),
    "hhperf.workload": (
        "LoggedRequest",
        "QueryLog",
        "import_log",
        "load_query_log",
        "make_query_log",
        "schedules",
    ),
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
    "Sweep",
    "Target",
    "Verdict",
    "break_down",
    "compare",
    "compare_callables",
    "compare_samples",
    "examine_sweep",
    "import_log",
    "load_profile",
    "load_query_log",
    "load_run",
    "load_sweep",
    "make_query_log",
    "plan_load",
    "plan_pairs",
    "plan_sweep",
    "prepare_arms",
    "prepare_deployments",
    "record_sweep",
    "replay",
    "replay_sync",
    "schedules",
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
