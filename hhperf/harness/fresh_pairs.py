"""Goes on where stalls of the machine hid what was planned, with further requests of the log.

Never with those that met a stall: they are the slow ones, and a repeat is another draw. How long to
go on depends on what the machine did and on the control alone, never on the saving.
"""

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter_ns

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.analysis.product_limit import effective_number
from hhperf.analysis.ranks import measurable
from hhperf.harness.paired_plan import Pair, PairedPlan
from hhperf.harness.stall_notes import StallNotes
from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.pairs import is_value
from hhperf.runs.resuming import are_in
from hhperf.runs.run import Run

AT = (0.95, 0.5)
"""At the first of these quantiles that a plan can measure, as many as were planned must count."""

MANY = 0.02
"""Share of the pairs that stalls hid, from which intervals have to allow for when they came."""

WANTED = 1.5
"""Of the plan's pairs, how many must count then: stretches of time say less than requests do."""

MARGIN = 1.1
"""What stalls took away before a look is made up for, and a little more: the control alone is asked
how much that is."""

ASK_EVERY = 10
DEFAULT_SHARE = 0.5
"""Of what the planned pairs took, for how long to go on."""


class FreshPairs:
    """The pairs of a plan, and after them as many as stalls took away.

    Args:
        plan: the replay.
        stalls: what the stall clock has told so far; it goes on to.
        done: the numbers of those that are measured already.

    Attributes:
        taken: how many pairs have been, those measured already included.
    """

    def __init__(
        self, plan: PairedPlan, stalls: StallNotes, done: frozenset[int] = frozenset()
    ) -> None:
        self.stalls = stalls
        self.done = done
        self.taken = len(done)
        self._plan = plan
        self._starts_ns: list[int] = []
        self._ends_ns: list[int] = []
        self._at = next((q for q in AT if measurable(q, len(plan))), None)

    def note(self, observations: Iterable[Observation]) -> None:
        """Take note of a pair that has ended: of the control's answer, if it has one."""
        for each in observations:
            if each.arm is Arm.CONTROL and each.outcome is Outcome.OK:
                self._starts_ns.append(each.start_ns)
                self._ends_ns.append(each.end_ns)

    def recall(self, run: Run, epoch_ns: int) -> None:
        """Take note of what a run that is gone on with has seen.

        Args:
            run: as it was left; of its pairs those that are measured already count.
            epoch_ns: the reading of this process's clock from which its clocks count.
        """
        table = run.table(["pair", "arm", "outcome", "start_ns", "end_ns"])
        answered = is_value(table, "arm", Arm.CONTROL) & is_value(table, "outcome", Outcome.OK)
        mine = table.filter(pa.array(answered & are_in(table, "pair", np.array([*self.done]))))
        self._starts_ns += [each + epoch_ns for each in mine["start_ns"].to_pylist()]
        self._ends_ns += [each + epoch_ns for each in mine["end_ns"].to_pylist()]
        found = run.health.filter(pc.equal(run.health["kind"], "stall"))
        for at_ns, value_ns in zip(
            found["at_ns"].to_pylist(), found["value_ns"].to_pylist(), strict=True
        ):
            self.stalls.note(at_ns + epoch_ns, value_ns)

    def pairs(self, say: Callable[[int], object], *, goes_on: bool = True) -> Iterator[Pair]:
        """The planned ones, then fresh ones while they are wanted and the time lasts.

        Args:
            say: told of how many there are whenever there are more than was planned.
            goes_on: whether there are fresh ones at all.
        """
        for pair in self._all(say, goes_on=goes_on):
            if pair.number not in self.done:
                yield pair

    def _all(self, say: Callable[[int], object], *, goes_on: bool) -> Iterator[Pair]:
        began_ns = perf_counter_ns()
        yield from self._plan.pairs()
        if not goes_on:
            return
        until_ns = perf_counter_ns() + self._allowed_ns(perf_counter_ns() - began_ns)
        for extra, pair in enumerate(self._plan.fresh_pairs()):
            if extra % ASK_EVERY == 0 and self.wanted <= extra:
                return
            if perf_counter_ns() >= until_ns:
                return
            say(len(self._plan) + extra + 1)
            yield pair

    def up_to(self, pairs: Iterator[Pair], number: int) -> Iterator[Pair]:
        """Of the pairs as many as it takes for so many to count, those taken before included.

        Args:
            pairs: not gone through yet; what is not taken stays in it.
            number: how many must count.
        """
        while self.taken < number or (
            (self.taken - number) % ASK_EVERY or self.taken - MARGIN * self.missing < number
        ):
            pair = next(pairs, None)
            if pair is None:
                return
            self.taken += 1
            yield pair

    def is_past(self, number: int) -> bool:
        """Whether a run that is gone on with has looked at so many pairs before."""
        return len(self.done) > number

    @property
    def wanted(self) -> float:
        """How many fresh pairs make up for what stalls took away."""
        missing, ended = self.missing, max(len(self._starts_ns), 1)
        return missing + ((WANTED - 1) * len(self._plan) if missing / ended > MANY else 0.0)

    @property
    def missing(self) -> float:
        """How many of the pairs that have ended stalls took away, at the quantile asked for."""
        starts_ns = np.array(self._starts_ns)
        if self._at is None or not len(starts_ns) or not self.stalls:
            return 0.0
        latency_s = (np.array(self._ends_ns) - starts_ns) / 1e9
        stalls = self.stalls.counting(float(np.median(latency_s)))
        clean_s = stalls.time_left_s(starts_ns)
        return len(starts_ns) - effective_number(latency_s, clean_s, self._at)

    def _allowed_ns(self, took_ns: int) -> int:
        given_s = self._plan.extra_time_s
        return round(DEFAULT_SHARE * took_ns) if given_s is None else round(given_s * 1e9)
