"""What the harness itself costs, with a target that answers at once.

Run `python -m tests.benchmarks.harness.overhead [pairs]`; it prints a table and asserts nothing.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Arm, CacheLayer, Observation, Outcome, Span
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from tests.harness.conftest import Callee, make_log
from tests.runs.conftest import METADATA

STAGES = ("result", "embedding", "specialty", "vector", "text", "fusion", "hydration", "ranking")
SPANS = tuple(Span(stage, 1_000, 2_000, 500) for stage in STAGES)
HITS = dict.fromkeys(CacheLayer, False)
FULL = Reply(tuple((f"candidate-{n}", 1 / (n + 1)) for n in range(20)), SPANS, HITS)
EMPTY = Reply()


def main() -> None:
    """Prints microseconds per observation, and how well the generator itself kept time."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        print(f"{'part':<52}{'us per observation':>20}")
        for name, reply in (("no spans, no results", EMPTY), ("8 spans, 20 results", FULL)):
            seconds, run = _replayed(root / name, reply, pairs)
            _row(f"replay of {pairs} pairs, {name}", seconds, len(run))
        _row("writing alone, 8 spans", _written(root / "written", 3 * pairs), 3 * pairs)
        _reading(run)
        _health(run)


def _row(part: str, seconds: float, count: int) -> None:
    print(f"{part:<52}{seconds / count * 1e6:>20.2f}")


def _replayed(folder: Path, reply: Reply, pairs: int) -> tuple[float, Run]:
    async def respond(request: Request) -> Reply:
        return reply

    plan = plan_pairs(make_log(500), cache_state="natural", seed=1, order="draw", pairs=pairs)
    targets = {arm: Callee(arm, respond) for arm in Arm}
    began = time.perf_counter()
    run = asyncio.run(replay_pairs(plan, targets, folder))
    return time.perf_counter() - began, run


def _written(folder: Path, count: int) -> float:
    observations = [
        Observation(
            pair=number, request_id=f"r{number}", arm=Arm.CONTROL, arm_schedule="sequential",
            repetition=0, position=0, tenant="acme", session="s", text_key=number,
            intended_start_ns=number, dispatched_ns=number, start_ns=number, end_ns=number + 1,
            outcome=Outcome.OK, spans=SPANS, cache_hits=HITS, result_digest="0123456789abcdef",
        )
        for number in range(count)
    ]  # fmt: skip
    began = time.perf_counter()
    with RunWriter(folder, METADATA) as writer:
        for observation in observations:
            writer.add(observation)
    return time.perf_counter() - began


def _reading(run: Run) -> None:
    began = time.perf_counter()
    pairs = load_run(run.path).pairs()
    _row("reading pairs()", time.perf_counter() - began, 3 * len(pairs))


def _health(run: Run) -> None:
    health = run.health.to_pandas()
    for kind, values in health.groupby("kind")["value_ns"]:
        p99, most = values.quantile(0.99) / 1e6, values.max() / 1e6
        print(f"{kind}: {len(values)} samples, p99 {p99:.2f} ms, most {most:.2f} ms")
    size = sum(path.stat().st_size for path in run.path.iterdir())
    print(f"on disk: {size / len(run):.0f} bytes per observation")


if __name__ == "__main__":
    main()
