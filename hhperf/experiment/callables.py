"""Compares any two async callables on a query log."""

import tempfile
from pathlib import Path

from hhperf.analysis.comparison import Comparison
from hhperf.experiment.replay import replay_sync
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.replay_plan import CacheState, Log
from hhperf.harness.supervision import DEFAULT_PATIENCE_S
from hhperf.harness.target import Call, CallableTarget
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.verdict.compare import compare


def compare_callables(  # noqa: PLR0913  each has a name at the call
    control: Call,
    treatment: Call,
    log: Log,
    *,
    out: Path | str | None = None,
    threshold: float = 0.20,
    cache_state: CacheState | str = CacheState.NATURAL,
    warm_up: int = 20,
    timeout_s: float = 30.0,
    patience_s: float = DEFAULT_PATIENCE_S,
    seed: int = 0,
    progress: bool | None = None,
) -> Comparison:
    """Replay a log against two callables, the first one twice, and compare them.

    The callables must share nothing that one could warm for the other.

    Args:
        control: awaited with each request of the log.
        treatment: the same; answers that are a `Reply` are compared by their results.
        log: the requests.
        out: a folder to keep the run in; nothing is kept when None.
        threshold: the saving that is claimed.
        cache_state: what the callables' caches hold, for the record.
        warm_up: requests sent first and discarded.
        timeout_s: when a request is given up.
        patience_s: how long to wait when neither answers any more; 0 to end at once.
        seed: of arm orders and of the bootstrap.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        QueryLogError: the log has too few requests.
        RunError: the folder is not empty, or no pair can be compared.

    Example:
        >>> async def one_after_another(request): ...
        >>> async def side_by_side(request): ...
        >>> log = hhperf.load_query_log()
        >>> found = await hhperf.compare_callables(  # doctest: +SKIP
        ...     one_after_another, side_by_side, log, out="results/mine"
        ... )
    """
    with tempfile.TemporaryDirectory() as temporary:
        run = record_callables(
            control, treatment, log, Path(temporary) / "run" if out is None else out,
            cache_state=cache_state, warm_up=warm_up, timeout_s=timeout_s, patience_s=patience_s,
            seed=seed, progress=progress,
        )  # fmt: skip
        return compare(run, threshold=threshold, seed=seed)


def record_callables(  # noqa: PLR0913  each has a name at the call
    control: Call,
    treatment: Call,
    log: Log,
    out: Path | str,
    *,
    cache_state: CacheState | str = CacheState.NATURAL,
    warm_up: int = 20,
    timeout_s: float = 30.0,
    patience_s: float = DEFAULT_PATIENCE_S,
    seed: int = 0,
    progress: bool | None = None,
) -> Run:
    """The measuring half of `compare_callables`, for whoever asks a run more than one question.

    Raises:
        QueryLogError: the log has too few requests.
        RunError: the folder is not empty.
    """
    plan = plan_pairs(log, cache_state=cache_state, seed=seed, warm_up=warm_up, timeout_s=timeout_s)
    targets = {
        Arm.CONTROL: CallableTarget(control),
        Arm.TREATMENT: CallableTarget(treatment),
        Arm.CONTROL_AGAIN: CallableTarget(control),
    }
    return replay_sync(plan, targets, out, patience_s=patience_s, progress=progress)
