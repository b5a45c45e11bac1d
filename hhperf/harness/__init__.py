"""The harness: plans a replay, sends it to targets, records what came of it."""

from hhperf.harness.calibration import calibrate
from hhperf.harness.callables import CallableTarget
from hhperf.harness.dask_crew import DaskCrew
from hhperf.harness.http_target import HttpTarget, http_targets
from hhperf.harness.load import replay_load
from hhperf.harness.load_plan import Block, LoadPlan, plan_load
from hhperf.harness.plan import CacheState, Order, Pair, PairedPlan, plan_pairs
from hhperf.harness.processes import LocalCrew
from hhperf.harness.replay import replay_pairs
from hhperf.harness.shared_load import Crew, replay_load_shared
from hhperf.harness.sweep import load_sweep, plan_sweep, record_sweep
from hhperf.harness.target import OwnsParts, Reply, Request, Target, WarmsConnections

__all__ = [
    "Block",
    "CacheState",
    "CallableTarget",
    "Crew",
    "DaskCrew",
    "HttpTarget",
    "LoadPlan",
    "LocalCrew",
    "Order",
    "OwnsParts",
    "Pair",
    "PairedPlan",
    "Reply",
    "Request",
    "Target",
    "WarmsConnections",
    "calibrate",
    "http_targets",
    "load_sweep",
    "plan_load",
    "plan_pairs",
    "plan_sweep",
    "record_sweep",
    "replay_load",
    "replay_load_shared",
    "replay_pairs",
]
