"""The command that records a run, or a sweep, again."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from hhperf.report.provenance import SHIPPED_LOG_SHA256, log_name
from hhperf.runs import Arm, PairedDesign, RunMetadata, SwitchbackDesign
from hhperf.search.waits import ARM_WAITS
from hhperf.settings import Settings
from hhperf.stopping import LABEL, THRESHOLD_LABEL

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
    if conditions.settings and {control, treatment} <= ARM_WAITS.keys():
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
