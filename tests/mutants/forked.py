"""Tests run in a fork of this process: what every run needs is imported once, beforehand.

A fork imports the package anew, so that a module with a change is the only one of its name that
anybody sees; all else is warm.
"""

import gc
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import hypothesis
import pytest

OURS = ("hhperf", "tests")
KEPT = ("tests.mutants",)
COMPILED = Path(tempfile.gettempdir()) / "hhperf-compiled"
QUIET = ("-q", "-W", "ignore::pytest.PytestAssertRewriteWarning")
PLUGINS = ("pytest_asyncio.plugin", "_hypothesis_pytestplugin")
"""Those that the tests need: the one for notebooks takes two seconds to import."""

USUAL = (*QUIET, "-x", "-p", "no:cacheprovider", *(f"-p{plugin}" for plugin in PLUGINS))
OUTPUT = Path(tempfile.gettempdir()) / "hhperf-mutants.txt"
WAIT_FACTOR, WAIT_AT_LEAST_S = 40, 600
"""How long a fork may wait in all, as a multiple of its time on a processor: others may be busy."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a fork ended: its exit code, or None where it was stopped for taking too long."""

    code: int | None
    processor_s: float


class _Changed(SourceFileLoader):
    """Finds one module, with code of its own."""

    def __init__(self, name: str, path: Path, code: str) -> None:
        super().__init__(name, str(path))
        self._code = code

    def find_spec(
        self, fullname: str, _path: object, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, _fullname: str) -> CodeType:
        return compile(self._code, self.path, "exec")


def change(name: str, path: Path, code: str) -> None:
    """From now on, importing the module runs this code."""
    sys.meta_path.insert(0, _Changed(name, path, code))


def warm_up(modules: Sequence[str]) -> None:
    """Import what the modules import, and forget the package itself."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(COMPILED)
    for name in (*modules, *PLUGINS):
        __import__(name)
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS and not name.startswith(KEPT) and name != "tests":
            del sys.modules[name]
    gc.freeze()


def run_forked(work: Callable[[], int], limit_s: float) -> Ended:
    """The work's exit code, from a process of its own that may use so many seconds of a processor.

    What the work writes is in `OUTPUT` until the next; what it started ends with it.
    """
    child = os.fork()
    if not child:
        _become_child(work, limit_s)
    until = time.monotonic() + max(WAIT_AT_LEAST_S, WAIT_FACTOR * limit_s)
    while True:
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    stopped = os.WIFSIGNALED(status)
    return Ended(None if stopped else os.WEXITSTATUS(status), used.ru_utime + used.ru_stime)


def run_tests(arguments: Sequence[str], plugin: object) -> int:
    """Run pytest here; the same examples each time, and none made smaller."""
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile(
        "mutants", database=None, deadline=None, derandomize=True, phases=phases
    )
    hypothesis.settings.load_profile("mutants")
    return int(pytest.main([*USUAL, *arguments], plugins=[plugin]))


def _become_child(work: Callable[[], int], limit_s: float) -> None:
    code = 70
    try:
        os.setsid()
        written = os.open(OUTPUT, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for stream in range(3):
            os.dup2(written, stream)
        limit = int(limit_s) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        code = work()
    finally:
        os._exit(code)
