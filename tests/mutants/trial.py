"""What the tests say of one change: a module's own first, then all others that reach it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import pytest

from tests.mutants.forked import change, run_forked, run_tests
from tests.mutants.mutations import Mutation
from tests.mutants.reach import Reach
from tests.mutants.targets import ROOT, module_name, own_tests

SLOWER, AT_LEAST_S = 3, 20
"""A change may take so many times what its tests take otherwise, and so much more, in seconds."""


class Fate(StrEnum):
    """What became of a change."""

    KILLED_BY_OWN = "killed by its own tests"
    KILLED_BY_OTHERS = "killed by others"
    TIMEOUT = "timeout"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Trial:
    """A change, what became of it, and what that took in seconds of a processor."""

    mutation: Mutation
    fate: Fate
    tests: int
    processor_s: float


class _Only:
    """A plugin of pytest that runs some tests in a given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._places = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._places),
            key=lambda item: self._places[item.nodeid],
        )


def try_change(mutation: Mutation, code: str, reach: Reach) -> Trial:
    """Run the tests that reach the change until one fails."""
    tests = _reaching(mutation, reach)
    own = [test for test in tests if _file(test).endswith("/" + own_tests(mutation.path))]
    rest = [test for test in tests if test not in set(own)]
    spent = 0.0
    for some, killed in ((own, Fate.KILLED_BY_OWN), (rest, Fate.KILLED_BY_OTHERS)):
        if not some:
            continue
        limit_s = SLOWER * sum(reach[test].seconds for test in some) + AT_LEAST_S
        ended = run_forked(partial(_run_changed, mutation, code, some), limit_s)
        spent += ended.processor_s
        if ended.code is None:
            return Trial(mutation, Fate.TIMEOUT, len(tests), spent)
        if ended.code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return Trial(mutation, killed, len(tests), spent)
    return Trial(mutation, Fate.SURVIVED, len(tests), spent)


def _reaching(mutation: Mutation, reach: Reach) -> list[str]:
    """The tests that run the statement, the quickest first; all of the module's for its head."""
    lines = mutation.reached_by()
    wanted = None if lines is None else range(lines[0], lines[1] + 1)
    module = str(mutation.path)
    found = [
        test
        for test, reached in reach.items()
        if (met := reached.lines.get(module)) and (wanted is None or any(x in wanted for x in met))
    ]
    return sorted(found or (reach if wanted is None else ()), key=lambda test: reach[test].seconds)


def _run_changed(mutation: Mutation, code: str, tests: Sequence[str]) -> int:
    change(module_name(mutation.path), mutation.path, code)
    sys.path.insert(0, str(ROOT))
    files = dict.fromkeys(str(ROOT / _file(test)) for test in tests)
    return run_tests(list(files), _Only(tests))


def _file(test: str) -> str:
    return test.partition("::")[0]
