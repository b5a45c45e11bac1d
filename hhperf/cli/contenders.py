"""What the commands measure: arms on a stack that they start, or live deployments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hhperf.cli.screen import errors
from hhperf.errors import PlanError, SettingsError
from hhperf.experiment.prepared import Prepared, prepare_deployments
from hhperf.harness.paired_plan import CacheState
from hhperf.stack.made_of import Corpus
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.reader import load_query_log

if TYPE_CHECKING:
    from distributed import Client

SIDES = ("control", "treatment")


def read_log(log: Path | None, on_bad_line: str = "fail") -> QueryLog:
    """The query log to replay; the shipped one when None.

    Raises:
        QueryLogError: it cannot be read.
    """
    found = load_query_log(log, on_bad_line="skip" if on_bad_line == "skip" else "fail")
    if found.skipped:
        errors.print(f"{found.source}: {found.skipped:,} lines skipped.")
    return found


def started(candidates: int) -> Stack:
    """A stack, not started yet; says so when it will have to be built."""
    stack = Stack(corpus=Corpus(candidates))
    if stack.embedded is not None and not stack.embedded.is_built:
        errors.print(f"Building {candidates:,} candidates once, into {stack.embedded.root} …")
    return stack


def deployments(
    targets: Sequence[str], cache_state: CacheState, method: str, ca_file: Path | None
) -> Prepared:
    """The live deployments that `--target` names.

    Raises:
        SettingsError: one is missing, given twice, or has a URL that cannot be used.
    """
    urls: dict[str, str] = {}
    for target in targets:
        side, equals, url = target.partition("=")
        if side not in SIDES or not equals or side in urls:
            raise SettingsError(
                "--target: give control=URL and treatment=URL, each once"
                f" (not {side.split(':')[0]!r})"
            )
        urls[side] = url
    if len(urls) < len(SIDES):
        missing = next(side for side in SIDES if side not in urls)
        raise SettingsError(f"--target: {missing}=URL is missing")
    return prepare_deployments(
        urls["control"],
        urls["treatment"],
        cache_state=cache_state,
        method=method,
        ca_file=ca_file,
    )


@contextmanager
def dask_client(address: str | None) -> Iterator["Client | None"]:
    """A client of the cluster; None without an address.

    Raises:
        PlanError: Dask is not installed, or the scheduler does not answer.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client  # noqa: PLC0415  an extra
    except ImportError:
        raise PlanError("--dask needs Dask: pip install 'hhperf[dask]'") from None
    try:
        client: Client = Client(address, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise PlanError(f"--dask {address}: no scheduler answers there ({error})") from error
    with client:
        yield client
