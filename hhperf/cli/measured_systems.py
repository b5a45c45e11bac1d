"""Systems as predicted and as measured, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import hhperf
from hhperf.cli.changed_systems import CONTROL, ChangedSystem
from hhperf.errors import ForecastError
from hhperf.experiment.fresh_orders import (
    Conditions,
    offered,
    record_loads,
    record_pairs,
    unknown_to,
)
from hhperf.forecast.map_controls import AS_SHIPPED, controls_of
from hhperf.forecast.offered import Load
from hhperf.forecast.validation import AT, Predicted, ValidatedSaving
from hhperf.workload.query_log import QueryLog

if TYPE_CHECKING:
    from hhperf.forecast.what_if import Forecast
    from hhperf.runs.run import Run

IN_FLIGHT = 8
"""Pairs side by side, where there are as many connections."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured of each system.

    Attributes:
        pairs: side by side; half of it where connections are so few that one is measured at a
            time.
        seconds: of a block of one arm under a load.
        rounds: blocks of each arm.
        seed: of arrivals and arm orders.
    """

    pairs: int = 800
    seconds: float = 20.0
    rounds: int = 6
    seed: int = 1


def controls(runs: "Sequence[Run]") -> "dict[str, Run]":
    """The run to predict from, by its profile.

    Raises:
        ForecastError: none of the runs can be used.
    """
    found = controls_of(runs, {})[0]
    return {
        each.profile: each.basis.run
        for each in found
        if not each.rerank and not each.drops_rerank and each.profile != AS_SHIPPED
    }


def control_for(system: ChangedSystem, known: "Mapping[str, Run]") -> "Run":
    """The run whose control a system is predicted from.

    Raises:
        ForecastError: there is none of its profile.
    """
    profile = system.setting.profile
    if profile not in known:
        raise ForecastError(
            f"{system.name}: no run to predict from: give one without a reranker, recorded by"
            f" `hhperf replay OUT --profile {profile} --no-rerank`"
        )
    return known[profile]


def check_load(system: ChangedSystem, effort: Effort) -> None:
    """Refuse what would take too many requests, before any is drawn.

    Raises:
        ForecastError: a run of it would have more than can be simulated.
    """
    if system.setting.rate_hz:
        Load(system.setting.rate_hz, effort.seconds, effort.rounds)


def predict(system: ChangedSystem, run: "Run", effort: Effort) -> "Forecast":
    """From a run's control alone, and under a load from when its requests will come."""
    setting = system.setting
    profile = setting.latency_profile()
    stages: dict[str, Any] = dict.fromkeys(setting.scaled, profile)
    if setting.warm:  # a rerank whose scores are known takes next to nothing
        stages |= {"embedding": "cached", "specialty": "cached"}
    elif setting.rerank:
        stages["rerank"] = profile
    loads = (
        offered(setting.rate_hz, effort.seconds, effort.rounds, effort.seed)
        if setting.rate_hz
        else []
    )
    return hhperf.what_if(
        run, schedule=system.schedule, stages=stages, pool_max=setting.pool_max,
        both=["stages", "pool_max"], rate_hz=setting.rate_hz,
        arrivals=[each.at_ns / 1e9 for each in loads] or None,
    )  # fmt: skip


def measure(
    system: ChangedSystem, run: "Run", log: QueryLog, stack: "hhperf.Stack", out: Path,
    effort: Effort,
) -> "Run":  # fmt: skip
    """On the real system, with requests of the log that the prediction did not know."""
    setting, fresh = system.setting, unknown_to(run, log)
    alone = setting.pool_max < IN_FLIGHT
    how = Conditions(
        control=CONTROL,
        profile=setting.latency_profile(),
        rerank=setting.rerank,
        cache_state="warm" if setting.warm else "cold",
        pool_max=setting.pool_max,
        in_flight=1 if alone else IN_FLIGHT,
        seed=effort.seed,
    )
    if not setting.rate_hz:
        pairs = effort.pairs // 2 if alone else effort.pairs
        runs = record_pairs(fresh, stack, out, [system.schedule], how, max(pairs, 1))
    else:
        runs = record_loads(
            fresh, stack, out, [system.schedule], how,
            rate_hz=setting.rate_hz, seconds=effort.seconds, rounds=effort.rounds,
        )  # fmt: skip
    return runs[system.schedule]


def validated(
    system: ChangedSystem, told: Mapping[str, Predicted], run: "Run"
) -> list[ValidatedSaving]:
    """What was predicted beside what a run measured."""
    comparison, pairs = hhperf.compare(run), run.pairs(run.statistic)
    found = []
    for at, q in AT.items():
        control_s = (told[at].control_s, float(np.quantile(pairs.control, q)))
        measured = comparison[at].estimate
        found.append(
            ValidatedSaving(
                system.name, at, system.setting.kind, told[at].saving, measured, control_s
            )
        )
    return found


def savings_of(found: "Forecast") -> dict[str, Predicted]:
    """A forecast's savings, by statistic, with the control's latency there."""
    return {
        at: Predicted(found[at], float(np.quantile(found.control_s, q))) for at, q in AT.items()
    }
