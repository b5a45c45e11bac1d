"""A run that is looked at, with what moving a control would be too slow to work out."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from hhperf.errors import HhperfError
from hhperf.forecast.basis import Basis
from hhperf.runs.arrays import Flags, Integers
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.stalls import Stalls
from hhperf.show.findings import Findings
from hhperf.show.look.part import Part, bare_part, part_of, whole
from hhperf.show.look.wish import Wish
from hhperf.verdict.stalled import stalls_in

PARTS_KEPT = 16
MOST_PREDICTED = 2_000
"""Requests a prediction is made from: more would not move with a slider."""

COMPARING = "the intervals are being worked out"

Key = tuple[str, str, Arm]
WHOLE: Key = "", "", Arm.TREATMENT


@dataclass(eq=False)
class LookedAt:
    """One run: its pairs side by side, who sent them, and parts of it that were asked for.

    Attributes:
        findings: all that is said of the run.
        parts_seen: parts other than the whole that somebody has looked at.
    """

    findings: Findings
    parts_seen: set[Key] = field(default_factory=set)
    _parts: OrderedDict[Key, Part] = field(default_factory=OrderedDict)

    @cached_property
    def pairs(self) -> RecordedPairs:
        """Its pairs, by the latency that it was recorded for."""
        return self.findings.run.pairs(self.findings.run.statistic)

    @cached_property
    def stalls(self) -> Stalls | None:
        """When the machine stood still."""
        return stalls_in(self.findings.run, self.pairs)

    @cached_property
    def senders(self) -> dict[str, np.ndarray]:
        """The `tenant` and `session` of each pair, as words; empty where there was none."""
        table = self.findings.run.table(["pair", "tenant", "session"])
        numbers, first = np.unique(np.asarray(table["pair"]), return_index=True)
        rows = table.take(first[np.searchsorted(numbers, self.pairs.pair)])
        return {
            name: rows[name].cast("string").fill_null("").to_numpy()
            for name in ("tenant", "session")
        }

    def part(self, wish: Wish) -> Part:
        """The pairs that are asked for, against the arm that is asked for."""
        key = _key(wish)
        if key == WHOLE:
            return self._whole
        self.parts_seen.add(key)
        if key not in self._parts:
            kept = self._kept(wish)
            self._parts[key] = part_of(self.findings, self.pairs, self.stalls, kept, wish.against)
        self._parts.move_to_end(key)
        while len(self._parts) > PARTS_KEPT:
            self._parts.popitem(last=False)
        return self._parts[key]

    def has_part(self, wish: Wish) -> bool:
        """Whether the pairs that are asked for have been compared already."""
        return _key(wish) == WHOLE or _key(wish) in self._parts

    def bare(self, wish: Wish) -> Part:
        """The same pairs before they are compared, which takes seconds where they are many."""
        return bare_part(self.pairs, self._kept(wish), wish.against, COMPARING)

    @cached_property
    def _whole(self) -> Part:
        return whole(self.findings, self.pairs)

    def _kept(self, wish: Wish) -> Flags:
        kept = np.ones(len(self.pairs), dtype=np.bool_)
        for name, wanted in (("tenant", wish.tenant), ("session", wish.session)):
            if wanted:
                kept &= self.senders[name] == wanted
        return kept

    @cached_property
    def basis(self) -> Basis | str:
        """What predictions are made from; in words why there is nothing."""
        try:
            basis = Basis.of(self.findings.run)
        except HhperfError as error:
            return str(error)
        step = -(-len(basis.requests) // MOST_PREDICTED)
        if step == 1:
            return basis
        return replace_requests(basis, np.arange(0, len(basis.requests), step))


def _key(wish: Wish) -> Key:
    return wish.tenant, wish.session, wish.against


def replace_requests(basis: Basis, kept: Integers) -> Basis:
    """The same basis with some of its requests, whose texts are numbered anew: none is empty."""
    some = basis.requests.of(kept)
    texts = np.unique(some.texts, return_inverse=True)[1]
    return Basis(basis.run, replace(some, texts=texts), basis.pool, basis.load)
