"""What comes of input that nobody should give: of every reader, every verb and the environment.

Run `python -m tests.benchmarks.runs.fuzz [CASES] [KIND…]`, by default 10,000 cases over all kinds.
Printed are a line for each kind, with how often there was a result or an error that says what is
wrong, and each fault once, with the case and where in the code it came up. Nothing is started, and
memory is bounded, so that a number that is taken at its word shows.
"""

import resource
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from tests.benchmarks.harness.tools import say
from tests.hostile import Kind, try_case
from tests.hostile_kinds import kinds

CASES = 10_000
MOST_BYTES = 6 << 30


def main() -> None:
    """A line for each kind; ends with 1 where there was a fault."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    warnings.simplefilter("ignore")
    chosen = {name: kind for name, kind in kinds().items() if _is_asked_for(name)}
    faults: dict[str, str] = {}
    for name, kind in chosen.items():
        outcomes = attempt(name, kind, cases // len(chosen) + 1, faults)
        told = ", ".join(f"{count:,} {what}" for what, count in sorted(outcomes.items()))
        say(f"{name:<40} {outcomes.total():>6,} cases: {told}")
    for where, case in faults.items():
        say(f"\nFAULT {where}\n{case}")
    say(f"\n{len(faults)} faults")
    sys.exit(bool(faults))


def attempt(name: str, kind: Kind, cases: int, faults: dict[str, str]) -> Counter[str]:
    """What came of so many cases; the first case of each fault is noted by its place."""
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(kind.cases)
    def each(case: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcomes[try_case(kind, case, Path(folder))] += 1
            except Exception as error:  # noqa: BLE001  what it is of is told
                outcomes["FAULT"] += 1
                faults.setdefault(f"{name}: {_place(error)}", repr(case)[:600])

    each()
    return outcomes


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = next((each for each in reversed(frames) if "/hhperf/" in each.filename), frames[-1])
    said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"{Path(ours.filename).name}:{ours.lineno}: {said}"


def _is_asked_for(name: str) -> bool:
    wanted = sys.argv[2:]
    return not wanted or any(each in name for each in wanted)


if __name__ == "__main__":
    main()
