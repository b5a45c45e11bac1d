"""Goes through the blocks of a load: each whole, or given up and sent again whole."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from hhperf.harness.fresh_rounds import FreshRounds
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.harness.supervision import Supervision
from hhperf.long_work import lengthen
from hhperf.runs.arrays import Flags
from hhperf.runs.gaps import Gap
from hhperf.runs.resuming import are_in, as_cancelled, whole_blocks
from hhperf.runs.run import Run
from hhperf.runs.writer import RunWriter

Send = Callable[[Block], Coroutine[Any, Any, None]]


class LoadBlocks:
    """The blocks of a load that are to be sent.

    Args:
        plan: the load as it was planned.

    Attributes:
        plan: the same.
        fresh: the rounds that follow in place of what stalls hid.
        done_requests: how many requests were measured before, by a run that is gone on with.
    """

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self.fresh = FreshRounds(plan)
        self.done_requests = 0
        self._done: frozenset[int] = frozenset()

    def recall(self, run: Run) -> Flags:
        """Take note of what a run that is gone on with has measured.

        Returns:
            Which of its observations stay, those of blocks that it went through; shape (rows,).
        """
        table, blocks = run.table(), self.fresh.extended.blocks
        loads = self.fresh.extended.loads
        done = whole_blocks(table, lambda number: len(loads[blocks[number].round]))
        kept = are_in(table, "block", done)
        self._done = frozenset(done.tolist())
        self.done_requests = int(kept.sum())
        for number in sorted(self._done):
            self.fresh.note(table.filter(pa.array(are_in(table, "block", np.array([number])))))
        self.fresh.note_health(run.health)
        return kept

    async def send_all(
        self,
        send: Send,
        supervision: Supervision,
        writer: RunWriter,
        bar: "tqdm[None]",
        *,
        breaks: bool,
    ) -> None:
        """Send every block that has not been, and those of further rounds while they are wanted.

        Args:
            send: sends one and has it written.
            supervision: of the parts that the targets stand on.
            writer: of the run.
            bar: counts requests.
            breaks: whether a block can be broken off as soon as a part is gone.

        Raises:
            HhperfError: a part did not come back in time.
        """
        for block in self.fresh.blocks(partial(lengthen, bar)):
            if block.number in self._done:
                continue
            await _clear(supervision, writer)
            while not await supervision.while_all_answer(send(block), breaks=breaks):
                self._void(block, writer)
                await _clear(supervision, writer, partial(self._let_go, block, writer))

    def _void(self, block: Block, writer: RunWriter) -> None:
        """Mark what was measured in a block as cancelled, whatever comes next.

        The part may not come back, or the run be killed meanwhile: then nobody takes the block for
        one that was gone through, though all its requests have ended.
        """
        writer.revise(partial(as_cancelled, column="block", numbers=np.array([block.number])))

    def _let_go(self, block: Block, writer: RunWriter) -> int:
        """Forget what was measured in a block that is sent again; how many requests there were."""
        due_ns: list[int] = []

        def without(table: pa.Table) -> pa.Table:
            theirs = are_in(table, "block", np.array([block.number]))
            due_ns.extend(table.filter(pa.array(theirs))["intended_start_ns"].to_pylist())
            return table.filter(pa.array(~theirs))

        writer.revise(without)
        if due_ns:
            self.fresh.forget(block.arm, min(due_ns))
        return len(due_ns)


async def _clear(
    supervision: Supervision, writer: RunWriter, let_go: Callable[[], int] = int
) -> None:
    """Wait for what is gone, and say in the run that it was."""
    known, came_back = len(supervision.pauses), False
    try:
        await supervision.clear()
        came_back = True
    finally:
        for pause in supervision.pauses[known:]:
            from_ns, until_ns = (each - writer.epoch_ns for each in (pause.from_ns, pause.until_ns))
            # Where it never came back whoever goes on with the run lets go of the block.
            requests = let_go() if came_back else 0
            writer.note_gap(Gap(from_ns, until_ns, pause.reason, requests, sent_again=came_back))
