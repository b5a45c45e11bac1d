"""What the commands measure: arms on a stack that they start, or live deployments."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import hhperf
from hhperf.cli.consent import safety_of
from hhperf.cli.labels import labels_of
from hhperf.cli.options import CacheChoice, Claim, OnBadLineChoice, Place, Steps
from hhperf.cli.screen import errors
from hhperf.errors import PlanError, SettingsError

if TYPE_CHECKING:
    from distributed import Client
    from rich.console import Console

    from hhperf.experiment.prepared import Prepared

SCHEDULER_WITHIN = "10s"
"""How long a cluster may take to answer."""

SIDES = ("control", "treatment")
DOUBLE = "control_again"


def read_log(log: Path | None, on_bad_line: OnBadLineChoice = "fail") -> "hhperf.QueryLog":
    """The query log to replay; the shipped one when None.

    Raises:
        QueryLogError: it cannot be read.
    """
    found = hhperf.load_query_log(log, on_bad_line=on_bad_line)
    if found.skipped:
        errors.print(f"{found.source}: {found.skipped:,} lines skipped.")
    for told in found.unknown_told:
        errors.print(f"{found.source}: {told}.", markup=False)
    return found


def make_stack(candidates: int, console: "Console" = errors) -> "hhperf.Stack":
    """A stack, not started yet; says so when it will have to be built."""
    stack = hhperf.Stack(corpus=hhperf.Corpus(candidates))
    if stack.embedded is not None and not stack.embedded.is_built:
        console.print(f"Building {candidates:,} candidates once, into {stack.embedded.root} …")
    return stack


def check_contenders(claim: Claim, place: Place) -> None:
    """Make sure that there is what is to be compared, before anything is started or read.

    Raises:
        SettingsError: there is no such arm, or a target cannot be used.
        ProfileError: the latency profile cannot be used.
    """
    from hhperf.experiment.prepared import check_arms  # noqa: PLC0415  (heavy)

    if place.target:
        _urls(place.target)
    else:
        check_arms((claim.control, claim.treatment))
        hhperf.load_profile(claim.profile)


@contextmanager
def contenders(
    claim: Claim,
    steps: Steps,
    place: Place,
    pool_max: int | None = None,
    virtual_speedup: str | None = None,
) -> Iterator["Prepared"]:
    """The live deployments that `--target` names, else the arms on a stack that is started.

    Raises:
        HhperfError: a target, an arm, a profile or the stack cannot be used.
    """
    check_contenders(claim, place)
    labels = labels_of(claim.label)
    speedup = _speedup(virtual_speedup)
    if place.target:
        if speedup or steps.without_coalescing:
            raise SettingsError(
                "--virtual-speedup and --without-coalescing are for arms: nothing within a"
                " deployment can be changed from here"
            )
        urls = _urls(place.target)
        yield hhperf.prepare_deployments(
            urls["control"],
            urls["treatment"],
            control_again=urls.get(DOUBLE),
            cache_state=cache_state(steps, place),
            vary=place.vary,
            method=place.method,
            ca_file=place.ca_file,
            stages=place.stages,
            safety=safety_of(place.live),
            labels=labels,
        )
        return
    if place.vary:
        raise SettingsError("--vary is for live deployments (--target): arms share no cache")
    with make_stack(place.candidates) as stack:
        yield hhperf.prepare_arms(
            stack,
            claim.control,
            claim.treatment,
            profile=claim.profile,
            rerank=steps.rerank,
            cache_state=cache_state(steps, place),
            pool_max=pool_max,
            labels=labels if pool_max is None else {**labels, "pool_max": str(pool_max)},
            virtual_speedup=speedup,
            uncoalesced=steps.without_coalescing or (),
        )


def _speedup(said: str | None) -> dict[str, float]:
    if said is None:
        return {}
    stage, _, factor = said.partition("=")
    try:
        return {stage.strip(): float(factor)}
    except ValueError:
        raise SettingsError(
            f"--virtual-speedup {said}: say STAGE=FACTOR, such as embedding=0.5 for half its time"
        ) from None


def cache_state(steps: Steps, place: Place) -> CacheChoice:
    """What the caches hold: as it was said, else what can be had of such arms."""
    return steps.cache_state or ("warm" if place.vary else "cold")


def _urls(targets: list[str]) -> dict[str, str]:
    urls: dict[str, str] = {}
    for target in targets:
        side, equals, url = target.partition("=")
        if side not in (*SIDES, DOUBLE) or not equals or side in urls:
            raise SettingsError(
                "--target: give control=URL and treatment=URL, each once"
                f" (not {side.split(':')[0]!r})"
            )
        urls[side] = url
    for side in SIDES:
        if side not in urls:
            raise SettingsError(f"--target: {side}=URL is missing")
    return urls


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
        client: Client = Client(address, timeout=SCHEDULER_WITHIN)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise PlanError(f"--dask {address}: no scheduler answers there ({error})") from error
    with client:
        yield client
