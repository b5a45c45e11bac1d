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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"
