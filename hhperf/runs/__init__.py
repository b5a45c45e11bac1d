"""Runs: observations and metadata on disk, written as they come and read as arrays."""

from hhperf.runs.journal import RunWarning
from hhperf.runs.metadata import (
    Conditions,
    Design,
    Floor,
    Host,
    LogFacts,
    PairedDesign,
    ProfileFacts,
    RunMetadata,
    SwitchbackDesign,
    describe,
)
from hhperf.runs.observation import Arm, CacheLayer, HealthSample, Observation, Outcome, Span
from hhperf.runs.pairs import Pairs, Statistic
from hhperf.runs.redaction import without_credentials
from hhperf.runs.run import HitRatio, Run, is_run, load_run
from hhperf.runs.writer import RunWriter

__all__ = [
    "Arm",
    "CacheLayer",
    "Conditions",
    "Design",
    "Floor",
    "HealthSample",
    "HitRatio",
    "Host",
    "LogFacts",
    "Observation",
    "Outcome",
    "PairedDesign",
    "Pairs",
    "ProfileFacts",
    "Run",
    "RunMetadata",
    "RunWarning",
    "RunWriter",
    "Span",
    "Statistic",
    "SwitchbackDesign",
    "describe",
    "is_run",
    "load_run",
    "without_credentials",
]
