"""Where a run comes from: its data and their credits, and the facts of how it was made."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from hhperf.experiment.regimes import REGIMES
from hhperf.runs.metadata import REGIME, PairedDesign, RunMetadata, SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.search.schedule import is_schedule
from hhperf.search.settings import Settings
from hhperf.search.tls import in_todays_words
from hhperf.show.card import Table
from hhperf.verdict.stopping import LABEL, THRESHOLD_LABEL

DATA_NOTE = "Queries and profiles are synthetic, made from real vocabulary and real arrival times."
SHIPPED_LOG_SHA256 = "47c9d3a32f64018ecadd78d572d2ac3e84d724ba808211c9149e0f2e53962eb1"
"""Of the requests in the shipped log; a log of another hash is not said to be synthetic."""

_MADE = re.compile(r"made with seed -?\d+(, redacted)?")


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is to be thanked for data, and where it is found."""

    text: str
    link: str


VOCABULARY = (
    Credit(
        "Vocabulary: O*NET 27.0 Database by the U.S. Department of Labor, Employment and Training"
        " Administration (USDOL/ETA), CC BY 4.0. O*NET is a trademark of USDOL/ETA, which has not"
        " approved, endorsed or tested the modifications made.",
        "https://www.onetcenter.org/database.html",
    ),
    Credit(
        "Vocabulary: ESCO classification of the European Commission, reused with attribution,"
        " modified.",
        "https://esco.ec.europa.eu",
    ),
    Credit("Vocabulary: modern skill phrases, copyright (c) 2026 Qarera, MIT licence.", ""),
)
ARRIVALS = Credit(
    "Arrival times of the query log: Azure LLM inference dataset 2023, Microsoft Corporation, CC BY"
    " 4.0, modified; P. Patel and others, Splitwise, ISCA 2024.",
    "https://github.com/Azure/AzurePublicDataset",
)


def has_synthetic_queries(metadata: RunMetadata) -> bool:
    """Whether the query log is known to be one that this kit made.

    The shipped log is told by the hash of its requests, one made in memory by what it says of
    itself. Of any other log nothing is claimed.
    """
    log = metadata.log
    return log.sha256 == SHIPPED_LOG_SHA256 or _MADE.fullmatch(log.source) is not None


def has_synthetic_profiles(metadata: RunMetadata) -> bool:
    """Whether the candidates searched are the embedded stack's, which this kit has made."""
    settings = metadata.conditions.settings
    return "PGVECTOR_HOST" in settings and settings["PGVECTOR_HOST"] is None


def data_note(metadata: RunMetadata) -> str:
    """What is known of the data that a run was measured on, in a sentence."""
    queries, profiles = has_synthetic_queries(metadata), has_synthetic_profiles(metadata)
    if queries and profiles:
        return DATA_NOTE
    if queries:
        return "Queries are synthetic, made from real vocabulary and real arrival times."
    own = f"Queries are those of the log {log_name(metadata)}"
    return f"{own}; profiles are synthetic, made from real vocabulary." if profiles else f"{own}."


def credits_of(metadata: RunMetadata) -> tuple[Credit, ...]:
    """The credits that the data of a run ask for; none for somebody's own."""
    queries, profiles = has_synthetic_queries(metadata), has_synthetic_profiles(metadata)
    return (*(VOCABULARY if queries or profiles else ()), *((ARRIVALS,) if queries else ()))


def log_name(metadata: RunMetadata) -> str:
    """The name of the query log, without the folder it lay in."""
    return PurePath(metadata.log.source).name or "that was given"


def facts_table(metadata: RunMetadata, seed: int) -> Table:
    """With what a run was made.

    Args:
        metadata: of the run.
        seed: of the bootstrap.
    """
    host, log, conditions = metadata.host, metadata.log, metadata.conditions
    versions = {**metadata.versions, **conditions.versions}
    profile = conditions.profile
    labels = {name: value for name, value in conditions.labels.items() if name != "sweep_hz"}
    rows = [
        ("recorded", f"{metadata.created:%Y-%m-%d %H:%M} UTC, {_ended(metadata)}"),
        *versions.items(),
        ("machine", f"{host.cores} cores ({host.cpu}), {host.memory_bytes / 2**30:.0f} GiB"),
        ("kernel", host.kernel),
        ("query log", f"{log_name(metadata)}, {log.requests:,} requests, sha256 {log.sha256[:12]}"),
        *([("profile", f"{profile.name}, sha256 {profile.sha256[:12]}")] if profile else []),
        ("seeds", f"{metadata.seed} of the run, {seed} of the bootstrap"),
        *((f"label {name}", value) for name, value in labels.items()),
    ]
    return Table("Versions and seeds", ("what", "which"), tuple(rows), numeric=False)


def _ended(metadata: RunMetadata) -> str:
    why = f" ({metadata.reason})" if metadata.reason else ""
    return f"{metadata.status}{why}"


OUT = "results/again"
RERANK = "ENABLE_RERANK"
_STEADY = re.compile(r"(Poisson|evenly), ([\d.e+]+)/s for ([\d.]+) s")
"""A load of one rate in words; of others the command cannot be told from the record."""


def recording_command(records: Sequence[RunMetadata]) -> str | None:
    """The command that records such runs again; None where no command does.

    Settings that differ from their defaults stand before it, as variables of the environment.

    Args:
        records: of one run, or of the runs of a sweep by ascending load.
    """
    metadata = records[0]
    design, contenders = metadata.design, _contenders(metadata)
    if isinstance(design, PairedDesign):
        command = _paired(metadata, design)
    else:
        command = _loaded([each.design.pace for each in records], metadata, design)
    if not command or not contenders:
        return None
    if isinstance(design, PairedDesign) and (regime := _regime(metadata)):
        own = _options(only=regime, pairs=design.pairs, in_flight=design.in_flight)
        command, contenders = ["run", *own, *_extra_time(design)], []
    variables = _changed(metadata.conditions.settings)
    return shlex.join([*variables, "hhperf", *command, *_shared(metadata), *contenders])


def _regime(metadata: RunMetadata) -> str | None:
    """The name of the regime that a run of `hhperf run` is one of."""
    about = metadata.conditions.labels.get(REGIME)
    return next((each.name for each in REGIMES if each.about == about), None)


def _paired(metadata: RunMetadata, design: PairedDesign) -> list[str]:
    labels = metadata.conditions.labels
    own = _options(pairs=design.pairs // max(design.repetitions, 1), in_flight=design.in_flight)
    if LABEL in labels:
        return ["run", "--until-verdict", *_options(threshold=labels[THRESHOLD_LABEL]), *own]
    drawn = _options(order=design.order, repetitions=design.repetitions)
    drawn += _extra_time(design)
    if design.before_each is not None:
        drawn += _options(before_each=f"{design.before_each} …")  # its arguments are not recorded
    return ["replay", OUT, *_rerank(metadata), *drawn, *_sending(design), *own]


def _loaded(paces: Sequence[str], metadata: RunMetadata, design: SwitchbackDesign) -> list[str]:
    """Under one load, or a sweep over several; nothing where a load is not of one rate."""
    steady = [found.groups() for found in map(_STEADY.fullmatch, paces) if found]
    if len(steady) < len(paces):
        return []
    (how, rate, seconds), *others = steady
    if others:
        offered = ["sweep", OUT, *_options(rates=",".join(rate for _, rate, _ in steady))]
    else:
        offered = ["load", OUT, *_options(rate=rate, arrivals=how.lower())]
    own = _options(
        seconds=seconds, rounds=design.rounds, max_in_flight=design.max_in_flight,
        workers=design.workers,
    )  # fmt: skip
    own += [] if others else _extra_time(design)
    return [*offered, *own, *_rerank(metadata), *_sending(design)]


def _extra_time(design: PairedDesign | SwitchbackDesign) -> list[str]:
    """Where it is not the default, half the run."""
    given_s = design.extra_time_s
    return [] if given_s is None else _options(extra_time=f"{given_s:g}")


def _options(**values: object) -> list[str]:
    """`--in-flight 8` for `in_flight=8`, and so on."""
    return [
        word
        for name, value in values.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


def _sending(design: PairedDesign | SwitchbackDesign) -> list[str]:
    return _options(warm_up=design.warm_up, timeout_s=f"{design.timeout_s:g}")


def _rerank(metadata: RunMetadata) -> list[str]:
    settings = metadata.conditions.settings
    if RERANK not in settings:
        return []
    return ["--rerank" if settings[RERANK] else "--no-rerank"]


def _contenders(metadata: RunMetadata) -> list[str]:
    """This kit's own arms under their profile, or live deployments; nothing for callables."""
    arms, conditions = metadata.design.arms, metadata.conditions
    control, treatment = arms[Arm.CONTROL], arms[Arm.TREATMENT]
    if conditions.settings and all(map(is_schedule, (control, treatment))):
        profile = conditions.profile.name if conditions.profile else "local"
        return _options(control=control, treatment=treatment, profile=profile)
    if all(each.startswith(("http://", "https://")) for each in (control, treatment)):
        again = arms.get(Arm.CONTROL_AGAIN, control)
        double = [] if again == control else _options(target=f"control_again={again}")
        vary = _options(vary=conditions.vary) if conditions.vary else []
        both = [f"control={control}", f"treatment={treatment}"]
        return [word for each in both for word in _options(target=each)] + double + vary
    return []


def _shared(metadata: RunMetadata) -> list[str]:
    is_shipped = metadata.log.sha256 == SHIPPED_LOG_SHA256
    log = [] if is_shipped else _options(log=log_name(metadata))
    return [*log, *_options(cache_state=metadata.design.cache_state, seed=metadata.seed)]


def _changed(settings: Mapping[str, Any]) -> list[str]:
    """The settings that differ from their defaults, as variables of what follows."""
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    variables = [
        f"{name}={value}"
        for name, recorded in settings.items()
        if name in defaults
        and name != RERANK
        and (value := in_todays_words(name, recorded)) != defaults[name]
    ]
    return ["env", *variables] if variables else []
