"""The one-way road: which part of the package may import which."""

import ast
from pathlib import Path

import pytest

import hhperf

PACKAGE = Path(hhperf.__file__).parent

ALLOWED = {
    "errors": set(),
    "display": set(),
    "settings": {"errors"},
    "data": {"errors"},
    "sync": set(),
    "live": {"errors"},
    "serving": {"errors"},
    "__main__": set(),
    "progress": set(),
    "search": {"errors", "settings"},
    "analysis": {"display", "errors"},
    "corpus": {"data", "errors"},
    "profiles": {"data", "display", "errors"},
    "workload": {"corpus", "data", "display", "errors", "search"},
    "runs": {"display", "errors"},
    "harness": {"display", "errors", "progress", "runs", "sync", "workload"},
    "stack": {
        "corpus", "data", "display", "errors", "progress", "search", "settings", "sync",
    },
    "targets": {"harness", "profiles", "runs", "search", "settings"},
    "replaying": {"errors", "harness", "runs", "sync"},
    "prepared": {
        "errors", "harness", "profiles", "runs", "search", "settings", "stack", "targets",
    },
    "study": {"harness", "prepared", "profiles", "runs", "stack", "stopping", "sync", "workload"},
    "generator_gates": {"analysis", "runs"},
    "comparing": {"analysis", "errors", "generator_gates", "runs", "stopping"},
    "comparing_load": {"analysis", "comparing", "errors", "generator_gates", "runs"},
    "judging": {"analysis", "comparing", "comparing_load", "errors", "runs"},
    "sweeping": {"analysis", "comparing_load", "display", "harness", "runs"},
    "callables": {"analysis", "comparing", "harness", "replaying", "runs"},
    "stopping": {"analysis", "runs"},
    "latencies": {"analysis", "display", "errors"},
    "breakdown": {"analysis", "display", "runs", "search"},
    "tables": {"analysis", "breakdown", "display", "runs", "stack"},
    "narrative": {"analysis", "breakdown", "runs", "tables"},
    "tails": {"analysis", "errors"},
    "timelines": {"errors", "runs"},
    "plots": {
        "analysis", "breakdown", "errors", "narrative", "runs", "sweeping", "tails", "timelines",
    },
    "report": {
        "analysis", "breakdown", "comparing", "display", "errors", "harness", "judging",
        "narrative", "plots", "runs", "search", "settings", "stopping", "sweeping", "tables",
        "timelines",
    },
}  # fmt: skip
"""Each part with the parts it may import, itself aside; `cli` may import all."""


def parts() -> list[str]:
    """The modules and packages directly in hhperf."""
    found = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }
    return sorted(found - {"__init__", "cli"})


def imported_by(part: str) -> set[str]:
    """The parts that a part imports, read from its syntax trees."""
    files = [PACKAGE / f"{part}.py", *sorted((PACKAGE / part).rglob("*.py"))]
    found: set[str] = set()
    for file in filter(Path.exists, files):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found |= {name.split(".")[1] for name in _names(node) if name.startswith("hhperf.")}
    return (found & set(parts())) - {part}


@pytest.mark.parametrize("part", parts())
def test_a_part_imports_only_what_it_may(part: str) -> None:
    """Nothing downstream is reached back for."""
    assert imported_by(part) - ALLOWED[part] == set()


def test_every_part_is_known() -> None:
    """A new part is given its place on the road."""
    assert parts() == sorted(ALLOWED)


def test_the_check_sees_an_import() -> None:
    """An import inside a function counts as well."""
    tree = ast.parse("def f():\n    from hhperf.runs import Run\n")
    assert {name for node in ast.walk(tree) for name in _names(node)} == {"hhperf.runs"}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        whole = f"{node.module}.{node.names[0].name}" if node.module == "hhperf" else node.module
        return [whole]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return []
