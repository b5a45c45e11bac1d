"""Small made runs to report on: paired, under load, and with names that mean harm."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from hhperf.runs.metadata import Conditions, Floor, LogFacts, RunMetadata, SwitchbackDesign
from hhperf.runs.observation import Arm, HealthSample, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import DESIGN, METADATA, observe

FLOOR = Floor(requests=2_000, service_p50_s=0.0002, service_p99_s=0.0011, lag_p99_s=0.0009)
HOSTILE = {
    Arm.CONTROL: "<script>alert(1)</script>",
    Arm.TREATMENT: '"><img src=http://evil.example/x onerror=alert(1)> & $x|`_@all_`\u202e',
    Arm.CONTROL_AGAIN: "<script>alert(1)</script>",
}
HOSTILE_LOG = LogFacts("/home/somebody/]]></script><b>\x00\u2066.jsonl", "cd" * 32, 4)
OWN_ARMS = {
    Arm.CONTROL: "sequential",
    Arm.TREATMENT: "parallel",
    Arm.CONTROL_AGAIN: "sequential",
}
LOADS = {10.0: 0.5, 20.0: 0.72, 40.0: 1.3}
"""What the treatment takes of the control's time at each load."""


def write_pairs(
    folder: Path,
    *,
    ratio: float = 0.6,
    pairs: int = 500,
    metadata: RunMetadata = METADATA,
    again: float = 1.0,
    unanswered: int = 0,
) -> Run:
    """A paired run without stages; `again` is what the control takes the second time.

    The first `unanswered` pairs fail under every arm.
    """
    rng = np.random.default_rng(5)
    takes = {Arm.CONTROL: 1.0, Arm.TREATMENT: ratio, Arm.CONTROL_AGAIN: again}
    with RunWriter(folder, metadata, epoch_ns=0) as writer:
        for pair in range(pairs):
            common = 0.1 * np.exp(0.4 * rng.standard_normal())
            for place, arm in zip(rng.permutation(3), Arm, strict=True):
                seconds = takes[arm] * common * np.exp(0.02 * rng.standard_normal())
                seen = observe(
                    pair,
                    arm,
                    arm_schedule=metadata.design.arms[arm],
                    position=int(place),
                    text_key=pair % 200,
                    results_match=None if arm is Arm.CONTROL else True,
                    outcome=Outcome.ERROR if pair < unanswered else Outcome.OK,
                )
                writer.add(replace(seen, end_ns=seen.start_ns + round(seconds * 1e9)))
        for at in range(100):
            writer.add_health(HealthSample("loop_lag", at, 50_000))
    return load_run(folder)


def hostile_metadata() -> RunMetadata:
    """Names of arms, log and labels that would do harm if they were not escaped."""
    return replace(
        METADATA,
        log=HOSTILE_LOG,
        design=replace(DESIGN, arms=HOSTILE),
        conditions=Conditions(labels={"<i>label": "</td><script>x"}, versions={"a": "<b>&"}),
        floor=FLOOR,
    )


def write_load(
    folder: Path, hz: float, ratio: float, *, names: Mapping[Arm, str] = DESIGN.arms
) -> Run:
    """A run under load of 500 requests an arm, its blocks one after the other."""
    rng = np.random.default_rng(round(hz))
    design = load_design(f"Poisson, {hz:g}/s for 9 s", hz, names)
    metadata = replace(METADATA, design=design, floor=FLOOR)
    base = 0.05 * np.exp(0.1 * rng.standard_normal(500))  # little, so that A/A' can tell
    with RunWriter(folder, metadata, epoch_ns=0) as writer:
        for block, arm in enumerate(Arm):
            takes = ratio if arm is Arm.TREATMENT else 1.0
            noise = np.exp(0.01 * rng.standard_normal(500))
            for pair, seconds in enumerate(takes * base * noise):
                start_ns = round((block * 600 + pair) / hz * 1e9)
                end_ns = start_ns + round(seconds * 1e9)
                writer.add(
                    observe(
                        pair,
                        arm,
                        arm_schedule=names[arm],
                        block=block,
                        end_ns=end_ns,
                        intended_start_ns=start_ns,
                        dispatched_ns=start_ns,
                        start_ns=start_ns,
                        results_match=None if arm is Arm.CONTROL else True,
                    )
                )
        for at in range(100):
            writer.add_health(HealthSample("loop_lag", at, 50_000))
    return load_run(folder)


def write_sweep(folder: Path) -> Path:
    """Three loads: the treatment pays, pays less, and loses."""
    for hz, ratio in LOADS.items():
        write_load(folder / f"{hz:010.3f}", hz, ratio)
    return folder


def load_design(
    load: str, hz: float = 10.0, names: Mapping[Arm, str] = OWN_ARMS
) -> SwitchbackDesign:
    """One round of 500 requests an arm; the load in words."""
    return SwitchbackDesign(
        arms=dict(names), blocks=tuple(Arm), rounds=1, pairs=500, load=load, offered_hz=hz,
        clients=None, order="log", cache_state="natural", warm_up=0, max_in_flight=100,
        timeout_s=10.0,
    )  # fmt: skip
