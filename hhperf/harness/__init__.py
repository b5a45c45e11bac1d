"""The harness: plans a replay, sends it to targets, records what came of it."""

from hhperf.harness.callables import CallableTarget
from hhperf.harness.http_target import HttpTarget, http_targets
from hhperf.harness.load import replay_load, replay_load_sync
from hhperf.harness.load_plan import Block, LoadPlan, plan_load
from hhperf.harness.plan import CacheState, Order, Pair, PairedPlan, plan_pairs
from hhperf.harness.replay import replay, replay_sync
from hhperf.harness.target import OwnsParts, Reply, Request, Target, WarmsConnections

__all__ = [
    "Block",
    "CacheState",
    "CallableTarget",
    "HttpTarget",
    "LoadPlan",
    "Order",
    "OwnsParts",
    "Pair",
    "PairedPlan",
    "Reply",
    "Request",
    "Target",
    "WarmsConnections",
    "http_targets",
    "plan_load",
    "plan_pairs",
    "replay",
    "replay_load",
    "replay_load_sync",
    "replay_sync",
]
