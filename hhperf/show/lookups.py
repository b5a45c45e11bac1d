"""What became of a run's lookups, beside what is predicted from their times and texts alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from hhperf.errors import RunError
from hhperf.forecast.lookups_predicted import JITTER, Caching, predict_lookups
from hhperf.harness.replay_plan import CacheState
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.card import Card, Table
from hhperf.show.runs_cards import ARM_WORDS
from hhperf.shown import Displayed, percent
from hhperf.why.lookups import ArmLookups, LookupCounts, lookups_of

TTL = {"embedding": "CACHE_EMBEDDING_TTL", "specialty": "CACHE_SPECIALTY_LOOKUP_TTL"}
JITTERED = {"embedding": JITTER, "specialty": 0.0}
STAMPEDE = 3
"""So many equal ones at once are called one."""


@dataclass(frozen=True, slots=True, repr=False)
class Lookups(Displayed):
    """Lookups of each arm and layer, measured and predicted.

    Attributes:
        source: the run.
        measured: what became of them.
        predicted: what would, by the same order: with the run's time to live, and coalescing as
            the arm has it.
    """

    source: str
    measured: tuple[ArmLookups, ...]
    predicted: tuple[LookupCounts, ...]

    def __repr__(self) -> str:
        asked = sum(each.found.asked for each in self.measured)
        return f"Lookups({asked:,} of {self.source})"

    @property
    def tables(self) -> tuple[Table, ...]:
        """One a layer, with two rows an arm: as measured, and as predicted."""
        both = list(zip(self.measured, self.predicted, strict=True))
        layers = dict.fromkeys(seen.layer for seen in self.measured)
        return tuple(
            _table(layer, [(seen, told) for seen, told in both if seen.layer == layer])
            for layer in layers
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What coalescing suppressed, or would have, and the largest stampede."""
        return tuple(_sentence(each) for each in self.measured if each.arm in (
            Arm.CONTROL, Arm.TREATMENT
        ))  # fmt: skip

    def _card(self) -> Card:
        return Card(
            f"Lookups of {self.source}", sentences=self.sentences, tables=self.tables,
            warnings=(
                "predicted without what warming up left in the cache; equal means the same tenant"
                " and text, and each process coalesces for itself",
            ),
        )  # fmt: skip


def lookups(run: Run, *, seed: int = 0) -> Lookups:
    """Say what caching and coalescing did for a run's lookups, and what a model says of it.

    Args:
        run: of this kit's arms, in pairs or under load, with caches in natural use.
        seed: of the times to live that are drawn.

    Raises:
        RunError: it tells nothing of lookups, or each request had caches of its own.
    """
    metadata = run.metadata
    if metadata.design.cache_state != CacheState.NATURAL:
        raise RunError(
            f"{run.path}: was recorded with {metadata.design.cache_state} caches, where no lookup"
            " is answered by another's: record it with --cache-state natural"
        )
    measured = lookups_of(run)
    predicted = tuple(
        predict_lookups(
            each,
            Caching(_ttl_s(run, TTL[each.layer]), JITTERED[each.layer], each.coalescing),
            seed=seed,
        )
        for each in measured
    )
    return Lookups(str(run.path), measured, predicted)


def _table(layer: str, both: Sequence[tuple[ArmLookups, LookupCounts]]) -> Table:
    rows = [
        (ARM_WORDS[seen.arm], how, *_figures(seen, found))
        for seen, told in both
        for how, found in (("measured", seen.found), ("predicted", told))
    ]
    columns = ("arm", "", "asked", "hits", "hits by quarter", "misses", "equal at once",
               "fetched", "renewed", "most at once")  # fmt: skip
    return Table(f"Lookups of the {layer}", columns, tuple(rows), words=("",))


def _ttl_s(run: Run, setting: str) -> float:
    kept = run.metadata.conditions.settings.get(setting)
    if kept is None:
        raise RunError(f"{run.path}: does not say how long lookups are kept ({setting})")
    return float(kept)


def _figures(seen: ArmLookups, found: LookupCounts) -> tuple[str, ...]:
    return (
        f"{found.asked:,}",
        percent(found.hits / found.asked),
        " ".join(f"{ratio:.0%}" for ratio in found.hit_ratios),
        f"{found.misses:,}",
        f"{found.equal:,}",
        f"{found.fetches(coalescing=seen.coalescing):,}",
        f"{found.renewed:,}",
        f"{found.largest:,}",
    )


def _sentence(seen: ArmLookups) -> str:
    found = seen.found
    did = "coalescing suppressed" if seen.coalescing else "coalescing would have suppressed"
    said = (
        f"{seen.name}, {seen.layer}: of {found.misses:,} misses {did} {found.equal:,}"
        f" ({percent(found.equal / max(found.misses, 1))}), which asked for what was under way"
    )
    if found.largest >= STAMPEDE:
        said += f"; at most {found.largest:,} asked at once"
    return f"{said}."
