"""Two things to compare, ready for the harness: arms of this kit on a stack, or two deployments."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

from hhperf.errors import SettingsError, unknown
from hhperf.experiment.arm_target import ArmTarget
from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.harness.http_target import HttpTarget, http_targets
from hhperf.harness.paired_plan import CacheState
from hhperf.harness.plan_checks import choice
from hhperf.runs.metadata import Conditions, ProfileFacts
from hhperf.runs.observation import Arm
from hhperf.search.arms import ARMS
from hhperf.search.settings import Settings
from hhperf.stack.stack import Stack


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a replay takes beside its plan.

    Attributes:
        make_targets: makes a target for each arm; each process or machine that sends calls it.
        conditions: what the run's metadata say beside the plan.
    """

    make_targets: Callable[[], Mapping[Arm, ArmTarget | HttpTarget]] = field(repr=False)
    conditions: Conditions


def prepare_arms(  # noqa: PLR0913  each has a name at the call
    stack: Stack,
    control: str = "sequential",
    treatment: str = "parallel",
    *,
    profile: LatencyProfile | str = "plan",
    rerank: bool | None = None,
    cache_state: CacheState | str = CacheState.COLD,
    pool_max: int | None = None,
    labels: Mapping[str, str] | None = None,
) -> Prepared:
    """Two arms of this kit on a stack, the control twice.

    Args:
        stack: started.
        control: an arm's name.
        treatment: the other arm's name.
        profile: a latency profile, or the name of a shipped one.
        rerank: whether the results are reranked; None leaves it to the settings.
        cache_state: cold, warm or natural.
        pool_max: database connections of each arm; None leaves it to the settings.
        labels: free words for the run's metadata.

    Raises:
        SettingsError: there is no such arm.
        ProfileError: there is no such profile.
    """
    names = {Arm.CONTROL: control, Arm.TREATMENT: treatment, Arm.CONTROL_AGAIN: control}
    check_arms(names.values())
    latency = load_profile(profile) if isinstance(profile, str) else profile
    settings = _changed(stack.settings, rerank, pool_max)
    makers = {
        arm: partial(
            ArmTarget,
            name,
            settings,
            stack.endpoints,
            latency,
            choice(CacheState, cache_state, "cache_state"),
            prefix=f"{settings.search_redis_prefix}:{uuid4().hex[:12]}",
        )
        for arm, name in names.items()
    }
    versions = {part.name: part.version for part in stack.parts()}
    return Prepared(
        partial(_made, makers),
        Conditions(settings.public(), _facts(latency), versions, dict(labels or {})),
    )


def prepare_deployments(
    control: str,
    treatment: str,
    *,
    cache_state: CacheState | str = CacheState.COLD,
    method: str = "POST",
    ca_file: Path | str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Prepared:
    """Two live deployments, the control's twice; secret headers come from the environment.

    Args:
        control: its URL.
        treatment: its URL.
        cache_state: what the plan says; for `cold` each request asks for an answer of its own
            (`Cache-Control: no-cache`); hit ratios and the period effect tell whether it is heeded.
        method: of the requests.
        ca_file: certificates to trust instead of the system's.
        labels: free words for the run's metadata.

    Raises:
        SettingsError: a URL or a header cannot be used.
    """
    make_targets = partial(
        http_targets,
        control,
        treatment,
        method=method,
        no_cache=choice(CacheState, cache_state, "cache_state") is CacheState.COLD,
        ca_file=ca_file,
    )
    make_targets()  # so that a URL that cannot be used is told here
    return Prepared(make_targets, Conditions(labels=dict(labels or {})))


def check_arms(names: Iterable[str]) -> None:
    """Make sure that there are such arms.

    Raises:
        SettingsError: there is none of this name.
    """
    for name in names:
        if name not in ARMS:
            raise SettingsError(f"no arm '{name}': {unknown(name, ARMS)}")


def _made(makers: Mapping[Arm, Callable[[], ArmTarget]]) -> dict[Arm, ArmTarget]:
    return {arm: make() for arm, make in makers.items()}


def _changed(settings: Settings, rerank: bool | None, pool_max: int | None) -> Settings:
    changes = {"enable_rerank": rerank, "pgvector_pool_max": pool_max}
    return settings.model_copy(
        update={name: value for name, value in changes.items() if value is not None}
    )


def _facts(profile: LatencyProfile) -> ProfileFacts:
    return ProfileFacts(
        name=profile.name,
        modelled={
            stage: {
                "p50_ms": round(delay.quantile_s(0.5) * 1e3, 3),
                "p95_ms": round(delay.quantile_s(0.95) * 1e3, 3),
                "source": delay.source,
            }
            for stage, delay in profile.stages.items()
        },
        sha256=profile.sha256,
    )
