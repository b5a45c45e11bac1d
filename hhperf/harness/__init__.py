"""The harness: plans a replay, sends it to targets, records what came of it."""

from hhperf.harness.plan import CacheState, Order, Pair, PairedPlan, plan_pairs
from hhperf.harness.replay import replay, replay_sync
from hhperf.harness.target import Reply, Request, Target, WarmsConnections

__all__ = [
    "CacheState",
    "Order",
    "Pair",
    "PairedPlan",
    "Reply",
    "Request",
    "Target",
    "WarmsConnections",
    "plan_pairs",
    "replay",
    "replay_sync",
]
