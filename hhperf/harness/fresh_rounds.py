"""Goes on with a load where stalls of the machine hid what was planned, with further rounds.

Whole rounds, of further requests of the log, under the same load: never with the requests that met
a stall, which are the slow ones, and a repeat is another draw. Of the treatment only the time of
its requests is looked at, never what they say of the saving.
"""

from collections.abc import Callable, Iterator
from time import perf_counter_ns

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.analysis.product_limit import effective_number
from hhperf.analysis.ranks import measurable
from hhperf.analysis.recovery import recovering
from hhperf.harness.fresh_pairs import AT, DEFAULT_SHARE
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.harness.stall_notes import StallNotes
from hhperf.runs.arrays import Flags, Floats, Integers
from hhperf.runs.observation import Arm, HealthSample, Outcome
from hhperf.runs.stalls import Stalls
from hhperf.runs.writer import RunWriter

FITS = 0.25
"""Of a round, what the time must still have room for: else that which half a run has room for would
hang on milliseconds."""

UNSAID = (Outcome.CANCELLED.value, Outcome.LOST.value)
"""What says nothing about a latency."""


class FreshRounds:
    """The blocks of a plan, and after them as many rounds as stalls took away.

    Args:
        plan: the load as it was planned.

    Attributes:
        extended: the plan with all rounds that there may be.
    """

    def __init__(self, plan: LoadPlan) -> None:
        self.extended = plan.extended()
        self._plan = plan
        self._at = next((q for q in AT if measurable(q, len(plan))), None)
        self._may_go_on = self._at is not None and len(self.extended.loads) > len(plan.loads)
        self._sent: dict[str, list[Integers]] = {arm.value: [] for arm in plan.arms}
        self._stalls = StallNotes()

    def note(self, batch: pa.RecordBatch | pa.Table) -> None:
        """Take note of observations of one arm, of schema `OBSERVATIONS`."""
        if not self._may_go_on or not len(batch):
            return
        said = batch.filter(pc.invert(pc.is_in(batch["outcome"], pa.array(UNSAID))))
        answered = pc.equal(said["outcome"], Outcome.OK.value).cast(pa.int64())
        columns = said["intended_start_ns"], said["end_ns"], answered
        self._sent[batch["arm"][0].as_py()].append(np.stack([np.asarray(each) for each in columns]))

    def forget(self, arm: Arm, since_ns: int) -> None:
        """Take back what was noted of an arm.

        Args:
            arm: that it is of.
            since_ns: from when on it was due, since the start of the run.
        """
        noted = self._sent[arm.value]
        noted[:] = [each[:, each[0] < since_ns] for each in noted]

    def note_health(self, batch: pa.RecordBatch | pa.Table) -> None:
        """Take note of the stalls among looks at a generator, of schema `HEALTH`."""
        found = batch.filter(pc.equal(batch["kind"], "stall"))
        for told in zip(found["at_ns"].to_pylist(), found["value_ns"].to_pylist(), strict=True):
            self.note_stall(*told)

    def note_stall(self, begin_ns: int, length_ns: int) -> None:
        """Take note of a stall; since the start of the run, as observations."""
        if self._may_go_on:
            self._stalls.note(begin_ns, length_ns)

    def blocks(self, say: Callable[[int], object]) -> Iterator[Block]:
        """The planned ones, then those of further rounds while they are wanted and the time lasts.

        A round begins while a quarter of it fits in, and is gone through.

        Args:
            say: told of how many requests there are whenever there are more than was planned.
        """
        began_ns, plan = perf_counter_ns(), self._plan
        yield from plan.blocks
        took_ns = perf_counter_ns() - began_ns
        last_ns = perf_counter_ns() + self._allowed_ns(took_ns) - FITS * took_ns / len(plan.loads)
        arms, further = len(plan.arms), self.extended.blocks[len(plan.blocks) :]
        for first in range(0, len(further), arms):
            if self.missing <= 0 or perf_counter_ns() >= last_ns:
                return
            say(self.extended.first_pair(further[first].round + 1) * arms)
            yield from further[first : first + arms]

    @property
    def missing(self) -> float:
        """How many requests of the arm that has fewest do not count, of those that were planned.

        Those due in a stall, or while its queue was worked off, do not; of the control's, what is
        cut off at the next stall counts in part.
        """
        if not self._may_go_on or not self._stalls:
            return 0.0
        control = self._of(Arm.CONTROL) if Arm.CONTROL in self._plan.arms else None
        median_s = 0.0
        if control is not None and control[2].any():
            median_s = float(np.median((control[1] - control[0])[control[2]]) / 1e9)
        stalls = self._stalls.counting(median_s)
        return len(self._plan) - min(self._count(arm, stalls) for arm in self._plan.arms)

    def _count(self, arm: Arm, stalls: Stalls) -> float:
        due_ns, ends_ns, answered = self._of(arm)
        if not len(due_ns):
            return 0.0
        told = (due_ns, ends_ns, stalls.begins_ns, stalls.ends_ns)
        kept = ~recovering(*(each.astype(np.float64) for each in told))
        if arm is not Arm.CONTROL or self._at is None:
            return float(kept.sum())
        latency_s: Floats = (ends_ns - due_ns) / 1e9
        seen = kept & answered
        clean_s = stalls.time_left_s(due_ns[seen])
        # A failure hides nothing: it counts as what it is.
        return float((kept & ~answered).sum()) + effective_number(
            latency_s[seen], clean_s, self._at
        )

    def _of(self, arm: Arm) -> tuple[Integers, Integers, Flags]:
        """When an arm's requests were due and ended, and which were answered; in order of time."""
        noted = [np.empty((3, 0), dtype=np.int64), *self._sent[arm.value]]
        due_ns, ends_ns, answered = np.concatenate(noted, axis=1)
        order = np.argsort(due_ns, kind="stable")
        return due_ns[order], ends_ns[order], answered[order].astype(np.bool_)

    def _allowed_ns(self, took_ns: int) -> int:
        given_s = self._plan.extra_time_s
        return round(DEFAULT_SHARE * took_ns) if given_s is None else round(given_s * 1e9)


class NotingSink:
    """A run's writer, which also has it noted what goes through."""

    def __init__(self, writer: RunWriter, fresh: FreshRounds) -> None:
        self.epoch_ns = writer.epoch_ns
        self.tick = writer.tick
        self._writer = writer
        self._fresh = fresh

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Observations."""
        self._fresh.note(batch)
        self._writer.add_batch(batch)

    def add_health(self, sample: HealthSample) -> None:
        """A look at the generator or its machine."""
        if sample.kind == "stall":
            self._fresh.note_stall(sample.at_ns - self.epoch_ns, sample.value_ns)
        self._writer.add_health(sample)
