"""A run as a file of traces, in the format that is asked for."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path

from hhperf.errors import TraceError, unknown
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.traces.chrome_write import write_chrome
from hhperf.traces.otlp_write import write_otlp, write_otlp_json
from hhperf.traces.request_traces import RequestTrace, slowest_of, traces_of

_WRITERS: Mapping[str, tuple[str, Callable[[Iterable[RequestTrace], Path], int]]] = {
    "otlp": (".otlp", write_otlp),
    "otlp-json": (".otlp.jsonl", write_otlp_json),
    "chrome": (".trace.json", write_chrome),
}


def export_run(
    run: Run,
    form: str = "otlp",
    out: Path | None = None,
    *,
    slowest: int | None = None,
    request: int | None = None,
    arm: Arm | str | None = None,
) -> tuple[Path, int]:
    """Write a run's requests as traces.

    Args:
        run: recorded.
        form: `otlp` (protobuf behind lengths), `otlp-json` (JSON lines) or `chrome`.
        out: the file; the run's name in the present folder when None.
        slowest: only so many requests, the slowest ones.
        request: only the request of this pair, under each arm.
        arm: only this arm.

    Returns:
        The file, and how many requests are in it.

    Raises:
        TraceError: there is no such format or request, or the file cannot be written.
        RunError: the run cannot be read.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> file, requests = hhperf.export_run(run, "chrome", slowest=3)
        >>> requests
        3
    """
    if form not in _WRITERS:
        raise TraceError(f"no format {form!r}; {unknown(form, _WRITERS)}")
    ending, write = _WRITERS[form]
    path = Path(f"{run.path.resolve().name}{ending}") if out is None else out
    chosen = traces_of(run, None if arm is None else Arm(arm), request)
    if slowest is not None:
        chosen = iter(slowest_of(chosen, slowest))
    first = next(chosen, None)
    if first is None:
        what = "no request with a latency" if request is None else f"no request {request}"
        raise TraceError(f"{run.path}: has {what} to export")
    try:
        return path, write(chain([first], chosen), path)
    except OSError as error:
        raise TraceError(f"{path}: cannot be written: {error}") from error
