"""Mutation testing of the code that bears verdicts: `make mutants`.

Run `python -m tests.mutants [SAMPLE] [SEED] [ROOM…]`, by default 400 places, seed 0, all rooms. A
place is drawn, each as likely as any other, then one change of those it can be given. Each change
is tried against the tests that run its line. Printed are a table by module, the share that was
noticed with Wilson's lower bound, and each survivor's lines. A change that never ends counts as
noticed, since it stops whoever runs the tests.
"""

import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from scipy.stats import binomtest

from tests.mutants.forked import warm_up
from tests.mutants.mutations import Mutation, mutations_of
from tests.mutants.reach import Reach, reach_of
from tests.mutants.targets import PACKAGE, Room, module_name, rooms
from tests.mutants.trial import Fate, Trial, try_change

SAMPLE, SEED = 400, 0
KEPT = Path(tempfile.gettempdir()) / "hhperf-reach"
CONFIDENCE = 0.95


def main() -> None:
    """Measure, draw, try and tell."""
    sample, seed = (*map(int, sys.argv[1:3]), *(SAMPLE, SEED)[len(sys.argv[1:3]) :])
    chosen = [room for room in rooms() if room.name in sys.argv[3:] or not sys.argv[3:]]
    _warm_up(list(rooms()))
    reach: Reach = {}
    # A verdict's tests run the statistics: a line's tests are looked for in every room.
    modules = [path for room in rooms() for path in room.modules]
    for room in rooms():
        reach |= reach_of(room.tests, modules, KEPT)
        _say(f"{room.name}: {len(reach):,} tests so far")
    trials: list[Trial] = []
    for mutation, code in draw(chosen, sample, seed):
        trials.append(try_change(mutation, code, reach))
        _say(_line(len(trials), trials[-1]))
    _say(report(trials))


def draw(chosen: Sequence[Room], sample: int, seed: int) -> list[tuple[Mutation, str]]:
    """So many places, one change of each, with the changed code."""
    places: dict[object, list[Mutation]] = defaultdict(list)
    for room in chosen:
        for path in room.modules:
            for mutation in mutations_of(path):
                places[mutation.place].append(mutation)
    drawn = random.Random(seed)
    found: list[tuple[Mutation, str]] = []
    for place in drawn.sample(sorted(places, key=str), len(places)):
        mutation = drawn.choice(places[place])
        if (code := mutation.made()) is not None:
            found.append((mutation, code))
        if len(found) == sample:
            break
    _say(f"{len(found)} of {len(places):,} places, seed {seed}")
    return found


def report(trials: Sequence[Trial]) -> str:
    """The table by module, the share, and the survivors."""
    by_module: dict[Path, Counter[Fate]] = defaultdict(Counter)
    for trial in trials:
        by_module[trial.mutation.path][trial.fate] += 1
    heads = ["sampled", *Fate]
    rows = [f"{'module':<40}" + "".join(f"{head:>25}" for head in heads)]
    for path, fates in sorted(by_module.items()):
        counts = [fates.total(), *(fates[fate] for fate in Fate)]
        name = path.relative_to(PACKAGE)
        rows.append(f"{name!s:<40}" + "".join(f"{count:>25}" for count in counts))
    survivors = [trial for trial in trials if trial.fate is Fate.SURVIVED]
    killed = len(trials) - len(survivors)
    lower = binomtest(killed, len(trials)).proportion_ci(CONFIDENCE, method="wilson").low
    spent = sum(trial.processor_s for trial in trials) / len(trials)
    rows.append(
        f"\n{killed} of {len(trials)} noticed: {killed / len(trials):.1%},"
        f" at least {lower:.1%} (Wilson, {CONFIDENCE:.0%}); {spent:.1f} s of a processor each\n"
    )
    rows.extend(
        f"{trial.mutation.path.relative_to(PACKAGE)}, {trial.tests} tests reach it\n"
        f"{trial.mutation.diff()}\n"
        for trial in survivors
    )
    return "\n".join(rows)


def _warm_up(every: Sequence[Room]) -> None:
    modules = [module_name(path) for room in every for path in room.modules]
    tests = [module_name(path) for room in every for path in room.tests]
    warm_up([*modules, "tests.conftest", *tests])


def _line(number: int, trial: Trial) -> str:
    at, what = f"{trial.mutation.path.relative_to(PACKAGE)}:{trial.mutation.line}", trial.mutation
    return f"{number:>4}  {at:<40} {what.operator:<40} {trial.fate}, {trial.processor_s:.1f} s"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
