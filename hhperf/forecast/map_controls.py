"""The recorded controls that a map is predicted from: one for each profile and reranker."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hhperf.errors import ForecastError, RunError
from hhperf.forecast.basis import Basis
from hhperf.forecast.changes import PLACEHOLDER, Changes, Profile, changed
from hhperf.runs.metadata import RunMetadata, SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run

RERANK = "rerank"
AS_SHIPPED = "as shipped"
IN_LINE = f"{PLACEHOLDER}_sequential"
SIZE = "candidates"
"""The option of the recording command, or the label, that says how many there were."""


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """A recorded control and the conditions that it stands for.

    Attributes:
        basis: taken apart.
        profile: the latency profile; `as shipped` for the placeholder lookup.
        rerank: whether results are reranked.
        candidates: in the database; None where the run does not say.
        treatment: what it has to be held against; empty for any.
        against: the schedule of the control itself; empty for the recorded one.
        drops_rerank: whether the recorded reranker is left out.
        draws_rerank: whether the reranker is drawn from the profile.
    """

    basis: Basis
    profile: str
    rerank: bool
    candidates: int | None = None
    treatment: str = ""
    against: str = ""
    drops_rerank: bool = False
    draws_rerank: bool = False

    @property
    def key(self) -> tuple[str, int | None, bool]:
        """Of which a map has one."""
        return self.profile, self.candidates, self.rerank

    @property
    def latency_profile(self) -> str:
        """The name of what was modelled."""
        facts = self.basis.run.metadata.conditions.profile
        return facts.name if facts else ""


def controls_of(
    runs: Iterable[Run], profiles: Mapping[str, Profile], *, size: int | None = None
) -> tuple[tuple[Control, ...], tuple[str, ...]]:
    """The controls of runs, with and without a reranker, and what there is none for.

    Of several with the same conditions the one of pairs with the most requests is taken. What was
    recorded only with a reranker is had without one by leaving it out; the other way round it is
    drawn from the latency profile. The placeholder lookup, where a run had it, is put into each
    run of the same profile with another number of candidates.

    Args:
        runs: recorded ones.
        profiles: latency profiles by name.
        size: candidates in the database where a run does not say.

    Raises:
        ForecastError: no run can be used.
    """
    found: dict[tuple[str, int | None, bool], Control] = {}
    refused = []
    for run in runs:
        try:
            control = _control(run, size)
        except RunError as error:
            refused.append(str(error))
            continue
        known = found.get(control.key)
        if known is None or _better(control, known):
            found[control.key] = control
    if not found:
        raise ForecastError(
            "no run to predict from: a map takes finished runs of this kit's arms with cold caches"
            + "".join(f"; {each}" for each in refused[:3])
        )
    found |= {each.key: each for each in _with_placeholder(tuple(found.values()))}
    lacking = list(refused)
    for control in tuple(found.values()):
        if (*control.key[:2], not control.rerank) in found:
            continue
        try:
            other = _other(control, profiles)
        except ForecastError as error:
            lacking.append(str(error))
            continue
        found[other.key] = other
    return tuple(sorted(found.values(), key=_place)), tuple(dict.fromkeys(lacking))


def _place(control: Control) -> tuple[str, int, bool]:
    return control.profile, control.candidates or 0, control.rerank


def _with_placeholder(known: Sequence[Control]) -> Iterator[Control]:
    there = {each.key for each in known}
    shipped = [each for each in known if each.profile == AS_SHIPPED]
    for control in known:
        for each in shipped:
            other = replace(control, profile=AS_SHIPPED, treatment=PLACEHOLDER, against=IN_LINE)
            if control.latency_profile == each.latency_profile and other.key not in there:
                there.add(other.key)
                yield other


def _control(run: Run, size: int | None) -> Control:
    told = run.metadata
    name = told.design.arms[Arm.CONTROL]
    if told.conditions.profile is None:
        raise RunError(f"{run.path}: no run of this kit's arms: it cannot be a control of a map")
    if told.design.cache_state != "cold":
        raise RunError(
            f"{run.path}: its caches were {told.design.cache_state}, a map takes cold ones"
        )
    shipped = name.startswith(PLACEHOLDER)
    basis = Basis.of(run)
    return Control(
        basis,
        AS_SHIPPED if shipped else told.conditions.profile.name,
        RERANK in basis.requests.parts,
        _candidates(told) or size,
        PLACEHOLDER if shipped else "",
    )


def _candidates(told: RunMetadata) -> int | None:
    conditions = told.conditions
    said = str(conditions.labels.get(SIZE) or conditions.options.get(SIZE) or "")
    return int(said) if said.isdecimal() else None


def _better(control: Control, known: Control) -> bool:
    """Pairs tell of requests alone; then the more the better."""
    rank = [
        (not isinstance(each.basis.run.metadata.design, SwitchbackDesign), len(each.basis.requests))
        for each in (control, known)
    ]
    return rank[0] > rank[1]


def _other(control: Control, profiles: Mapping[str, Profile]) -> Control:
    """The same with a reranker if it has none, and without if it has one."""
    if control.rerank:
        return replace(control, rerank=False, drops_rerank=True)
    profile = profiles.get(control.latency_profile)
    drawn = profile is not None and profile.delay_s(RERANK, "q") > 0
    if profile is None or not drawn:
        raise ForecastError(
            f"{control.profile} with a reranker: no run had one, and the profile does not model it"
        )
    requests = changed(control.basis.requests, Changes(stages={RERANK: profile}))
    return replace(
        control, basis=replace(control.basis, requests=requests), rerank=True, draws_rerank=True
    )
