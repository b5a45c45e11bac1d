"""Which tests run which lines, and how long each takes: measured once a file of tests, and kept."""

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import coverage
import pytest

from tests.mutants.forked import OUTPUT, run_forked, run_tests

LIMIT_S = 600
SERVERS = "stack"
"""The fixture that starts them."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What one test took and met.

    Attributes:
        seconds: of setting up, running and tearing down.
        lines: of each module, by its path.
    """

    seconds: float
    lines: dict[str, list[int]]


Reach = dict[str, Reached]
"""By the test's id."""


class _Watch:
    """A plugin of pytest that tells coverage whose lines are run."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.seconds: dict[str, float] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what starts servers: no line of a verdict is reached there alone."""
        items[:] = [each for each in items if SERVERS not in getattr(each, "fixturenames", ())]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._measured.switch_context(item.nodeid)
        begun = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - begun


def reach_of(files: Sequence[Path], modules: Sequence[Path], kept: Path) -> Reach:
    """What each test of the files reaches of the modules.

    Args:
        files: of tests.
        modules: whose lines are told.
        kept: a folder where it is kept by the contents of file and modules.

    Returns:
        Nothing of a file in which a test fails as things are: it could tell nothing of a change.
    """
    kept.mkdir(parents=True, exist_ok=True)
    state = hashlib.sha256(b"".join(each.read_bytes() for each in modules))
    found: Reach = {}
    for file in files:
        digest = state.copy()
        digest.update(file.read_bytes())
        answer = kept / f"{file.stem}-{digest.hexdigest()[:16]}.json"
        if not answer.exists():
            ended = run_forked(partial(_measure, file, modules, answer), LIMIT_S)
            if ended.code != 0:
                sys.stderr.write(f"{file} is left out, it fails as things are: see {OUTPUT}\n")
                continue
        told = json.loads(answer.read_text(encoding="utf-8"))
        found |= {test: Reached(**each) for test, each in told.items()}
    return found


def _measure(file: Path, modules: Sequence[Path], answer: Path) -> int:
    measured = coverage.Coverage(data_file=None, include=[str(each) for each in modules])
    measured.start()
    watch = _Watch(measured)
    code = run_tests([str(file)], watch)
    measured.stop()
    data = measured.get_data()
    lines: dict[str, dict[str, list[int]]] = {test: {} for test in watch.seconds}
    for module in data.measured_files():
        for line, tests in data.contexts_by_lineno(module).items():
            for test in filter(None, tests):
                lines[test].setdefault(module, []).append(line)
    told = {test: {"seconds": watch.seconds[test], "lines": lines[test]} for test in lines}
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return code
    answer.write_text(json.dumps(told), encoding="utf-8")
    return 0
