"""Where a run comes from: its data and their credits, and the facts of how it was made."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from hhperf.runs.metadata import PairedDesign, RunMetadata, SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.search.arms import ARMS
from hhperf.search.settings import Settings
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
        ("recorded", f"{metadata.created:%Y-%m-%d %H:%M} UTC, {metadata.status}"),
        *versions.items(),
        ("machine", f"{host.cores} cores ({host.cpu}), {host.memory_bytes / 2**30:.0f} GiB"),
        ("kernel", host.kernel),
        ("query log", f"{log_name(metadata)}, {log.requests:,} requests, sha256 {log.sha256[:12]}"),
        *([("profile", f"{profile.name}, sha256 {profile.sha256[:12]}")] if profile else []),
        ("seeds", f"{metadata.seed} of the run, {seed} of the bootstrap"),
        *((f"label {name}", value) for name, value in labels.items()),
    ]
    return Table("Versions and seeds", ("what", "which"), tuple(rows), numeric=False)


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
    contenders = _contenders(metadata)
    if not contenders:
        return None
    words = _command([each.design for each in records], metadata)
    if words is None:
        return None
    words += contenders
    settings = metadata.conditions.settings
    variables = [f"{name}={value}" for name, value in _changed(settings).items()]
    return shlex.join([*(["env", *variables] if variables else []), "hhperf", *words])


def _command(
    designs: Sequence[PairedDesign | SwitchbackDesign], metadata: RunMetadata
) -> list[str] | None:
    design = designs[0]
    if isinstance(design, PairedDesign):
        begun = _until_verdict(metadata) or _replay(metadata, design)
        own = [
            "--pairs", str(design.pairs // max(design.repetitions, 1)),
            "--in-flight", str(design.in_flight),
        ]  # fmt: skip
        return [*begun, *own, *_shared(metadata)]
    steady = [_STEADY.fullmatch(each.pace) for each in designs]
    if not all(steady):
        return None
    hows, rates, seconds = zip(*(each.groups() for each in steady if each), strict=True)
    own = [
        "--seconds", seconds[0], "--rounds", str(design.rounds),
        "--max-in-flight", str(design.max_in_flight), "--workers", str(design.workers),
        *_rerank(metadata), *_sending(design),
    ]  # fmt: skip
    if len(designs) == 1:
        return ["load", OUT, "--rate", rates[0], "--arrivals", hows[0].lower(), *own,
                *_shared(metadata)]  # fmt: skip
    return ["sweep", OUT, "--rates", ",".join(rates), *own, *_shared(metadata)]


def _until_verdict(metadata: RunMetadata) -> list[str]:
    labels = metadata.conditions.labels
    if LABEL not in labels:
        return []
    return ["run", "--until-verdict", "--threshold", labels[THRESHOLD_LABEL]]


def _replay(metadata: RunMetadata, design: PairedDesign) -> list[str]:
    return [
        "replay", OUT, *_rerank(metadata), "--order", design.order,
        "--repetitions", str(design.repetitions), *_sending(design),
    ]  # fmt: skip


def _sending(design: PairedDesign | SwitchbackDesign) -> list[str]:
    return ["--warm-up", str(design.warm_up), "--timeout-s", f"{design.timeout_s:g}"]


def _rerank(metadata: RunMetadata) -> list[str]:
    settings = metadata.conditions.settings
    if RERANK not in settings:
        return []
    return ["--rerank" if settings[RERANK] else "--no-rerank"]


def _contenders(metadata: RunMetadata) -> list[str]:
    """This kit's own arms under their profile, or live deployments; nothing for callables."""
    arms, conditions = metadata.design.arms, metadata.conditions
    control, treatment = arms[Arm.CONTROL], arms[Arm.TREATMENT]
    if conditions.settings and {control, treatment} <= ARMS.keys():
        profile = conditions.profile.name if conditions.profile else "local"
        return ["--control", control, "--treatment", treatment, "--profile", profile]
    if all(each.startswith(("http://", "https://")) for each in (control, treatment)):
        return ["--target", f"control={control}", "--target", f"treatment={treatment}"]
    return []


def _shared(metadata: RunMetadata) -> list[str]:
    is_shipped = metadata.log.sha256 == SHIPPED_LOG_SHA256
    return [
        *([] if is_shipped else ["--log", log_name(metadata)]),
        "--cache-state", metadata.design.cache_state, "--seed", str(metadata.seed),
    ]  # fmt: skip


def _changed(settings: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    return {
        name: value
        for name, value in settings.items()
        if name in defaults and name != RERANK and value != defaults[name]
    }
