"""Two things to compare, ready for the harness: arms of this kit on a stack, or two deployments."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from hhperf.errors import ScheduleError, SettingsError
from hhperf.experiment.arm_target import ArmTarget
from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.experiment.variants import side_of, variants_of
from hhperf.harness.http_target import HttpTarget, http_targets
from hhperf.harness.plan_checks import choice
from hhperf.harness.replay_plan import CacheState
from hhperf.harness.safety import Safety
from hhperf.harness.stage_table import PRODUCTION, StageTable, load_stage_table
from hhperf.harness.variation import HEADER, Variation, check_field
from hhperf.runs.metadata import Conditions, ProfileFacts
from hhperf.runs.observation import Arm
from hhperf.search.arm_names import bare_name
from hhperf.search.schedule import order_of
from hhperf.search.settings import Settings
from hhperf.search.variant import Variant
from hhperf.stack.stack import Stack

Key = TypeVar("Key", Arm, str)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a replay takes beside its plan.

    Attributes:
        make_targets: makes a target for each arm; each process or machine that sends calls it.
        conditions: what the run's metadata say beside the plan.
        make_beside: makes a target for each further treatment, by its arm's name.
    """

    make_targets: Callable[[], Mapping[Arm, ArmTarget | HttpTarget]] = field(repr=False)
    conditions: Conditions
    make_beside: Callable[[], Mapping[str, ArmTarget]] = field(default=dict, repr=False)


def prepare_arms(  # noqa: PLR0913  each has a name at the call
    stack: Stack,
    control: str = "sequential",
    treatment: str = "parallel",
    *,
    profile: LatencyProfile | str = "local",
    rerank: bool | None = None,
    cache_state: CacheState | str = CacheState.COLD,
    pool_max: int | None = None,
    beside: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    virtual_speedup: Mapping[str, float] | None = None,
    uncoalesced: Sequence[str] = (),
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
        beside: names of further arms, each a treatment that the same control is compared with.
        labels: free words for the run's metadata.
        virtual_speedup: one stage of the treatment with a factor of its time, 0 to 1: the others
            are delayed while it runs, and that is taken off. What it gains is modelled, and the
            treatment's name says so.
        uncoalesced: `control`, `treatment`, or both: who makes each lookup although an equal one is
            under way.

    Raises:
        ScheduleError: there is no such arm, or it has no such stage.
        ProfileError: there is no such profile.
    """
    names = {Arm.CONTROL: control, Arm.TREATMENT: treatment, Arm.CONTROL_AGAIN: control}
    check_arms([*names.values(), *beside])
    latency = load_profile(profile) if isinstance(profile, str) else profile
    settings = _changed(stack.settings, rerank, pool_max)
    variants = variants_of(treatment, virtual_speedup, uncoalesced)

    def maker(name: str, variant: Variant) -> Callable[[], ArmTarget]:
        return partial(
            ArmTarget,
            name,
            settings,
            stack.endpoints,
            latency,
            choice(CacheState, cache_state, "cache_state"),
            prefix=f"{settings.search_redis_prefix}:{uuid4().hex[:12]}",
            variant=variant,
        )

    others = replace(variants[str(Arm.TREATMENT)], speedup=None)
    versions = {part.name: part.version for part in stack.parts()}
    return Prepared(
        partial(_made, {arm: maker(name, variants[side_of(arm)]) for arm, name in names.items()}),
        Conditions(settings.public(), _facts(latency), versions, dict(labels or {})),
        partial(_made, {name: maker(name, others) for name in beside}),
    )


def prepare_deployments(  # noqa: PLR0913  each has a name at the call
    control: str,
    treatment: str,
    *,
    control_again: str | None = None,
    cache_state: CacheState | str = CacheState.COLD,
    vary: str | None = None,
    method: str = "POST",
    ca_file: Path | str | None = None,
    stages: StageTable | Path | str | None = None,
    safety: Safety | None = None,
    labels: Mapping[str, str] | None = None,
) -> Prepared:
    """Two live deployments, the control's twice; secret headers come from the environment.

    Args:
        control: its URL.
        treatment: its URL.
        control_again: of a second deployment of the control, with caches of its own; without one
            the control's is measured twice.
        cache_state: what the plan says; for `cold` each request asks for an answer of its own
            (`Cache-Control: no-cache`); gates on the caches tell whether it is heeded.
        vary: a field that a deployment which does not heed it has in the key of its result cache,
            and that does not change the answer: one of the body, such as `jdHash`, or
            `header:NAME`. With `warm` each request gets a new value, so no result is known; with
            `natural` each arm has values of its own, equal for equal requests, so results are known
            where the log repeats itself. In both, lookups are filled before measuring.
        method: of the requests.
        ca_file: certificates to trust instead of the system's.
        stages: what the services call their stages, where that is not what production calls them;
            a table or its TOML file. The run's labels tell it.
        safety: what may be done to a deployment that is not this machine, and who confirms it;
            the usual ceilings and bounds, unasked, when None.
        labels: free words for the run's metadata.

    Raises:
        SettingsError: a URL, a header or the field cannot be used, or the field leaves lookups
            known where nothing is to be.
        PlanError: there is no such cache state.
        StageTableError: the table cannot be read.
    """
    state = choice(CacheState, cache_state, "cache_state")
    table = stages if isinstance(stages, StageTable) else _table(stages)
    make_targets = partial(
        http_targets,
        control,
        treatment,
        control_again=control_again,
        method=method,
        no_cache=state is CacheState.COLD,
        variations=None if vary is None else _variations(vary, state),
        ca_file=ca_file,
        stages=table,
        safety=safety,
    )
    make_targets()  # so that a URL that cannot be used is told here
    told = {} if table == PRODUCTION else {"stages": table.describe()}
    return Prepared(make_targets, Conditions(labels={**told, **(labels or {})}, vary=vary))


def _variations(field: str, state: CacheState) -> dict[Arm, Callable[[], Variation]]:
    """What makes each arm's values, whichever process sends for it."""
    check_field(field)
    if state is CacheState.COLD and not field.startswith(HEADER):
        raise SettingsError(
            f"vary {field!r} with cache_state 'cold': only results are kept under another key,"
            " while lookups (embedding, specialty) stay known from the pair's first request on:"
            " take 'warm', which fills them first, or empty the caches by before_each"
        )
    run, repeats = uuid4().hex, state is CacheState.NATURAL
    return {arm: partial(Variation, field, f"{run}:{arm.value}", repeats=repeats) for arm in Arm}


def check_arms(names: Iterable[str]) -> None:
    """Make sure that there are such arms, or that these are schedules.

    Raises:
        ScheduleError: there is none of this name, or its stages cannot be run so.
    """
    for name in names:
        order_of(name)
        if bare_name(name) != name:
            raise ScheduleError(
                f"{name}: name the arm {bare_name(name)!r}, and say what differs by virtual_speedup"
                " and uncoalesced"
            )


def _table(path: Path | str | None) -> StageTable:
    return PRODUCTION if path is None else load_stage_table(path)


def _made(makers: Mapping[Key, Callable[[], ArmTarget]]) -> dict[Key, ArmTarget]:
    return {each: make() for each, make in makers.items()}


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
