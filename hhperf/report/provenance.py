"""Where a run comes from: its data and their credits, and the facts of how it was made."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from hhperf.runs import RunMetadata
from hhperf.tables import Table

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
