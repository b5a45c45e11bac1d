"""What is mutated, and which tests stand for it: the code that a verdict goes through."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hhperf"

TARGETS = {
    "analysis": ("*.py", "test_*.py"),
    "verdict": ("*.py", "test_*.py"),
    "runs": ("*.py", "test_*.py"),
    "workload": ("*.py", "test_*.py"),
    "harness": ("stopper.py", "test_stopper.py"),
    "search": ("fusion.py coalescing.py", "test_fusion.py test_coalescing.py"),
}
"""By room: modules, and files of tests. The rest of the last two rooms' tests want servers."""

SIMULATED = "simulate"
"""How the modules begin that make data to try the statistics on: no verdict goes through them."""

READERS = {"reader.py", "records.py", "fields.py", "query_log.py", "searches.py"}
"""The modules of `workload` that read logs; the importers are read through them."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room's modules that are mutated, and the tests that stand for them."""

    name: str
    modules: tuple[Path, ...]
    tests: tuple[Path, ...]


def rooms() -> Iterator[Room]:
    """The rooms in the order of the table above."""
    for name, (modules, tests) in TARGETS.items():
        found = _matching(PACKAGE / name, modules)
        if name == "workload":
            importers = _matching(PACKAGE / name / "importers", "*.py")
            found = tuple(each for each in found if each.name in READERS) + importers
        yield Room(name, found, _matching(ROOT / "tests" / name, tests))


def module_name(path: Path) -> str:
    """How a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def own_tests(path: Path) -> str:
    """The file name of a module's own tests."""
    return f"test_{path.stem}.py"


def _matching(folder: Path, patterns: str) -> tuple[Path, ...]:
    found = (path for pattern in patterns.split() for path in sorted(folder.glob(pattern)))
    return tuple(
        path for path in found if path.name != "__init__.py" and not path.name.startswith(SIMULATED)
    )
