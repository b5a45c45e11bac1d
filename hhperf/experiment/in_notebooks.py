"""What the live sections of notebooks need: how much to measure, and services to measure."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO
from uuid import uuid4

from hhperf.errors import SettingsError, StackError

VARIABLE = "HHPERF_PROFILE"
PROFILES = ("ci", "full")

_ADDRESS = re.compile(r"https?://\S+?(?=/v1/)")
_LAST_WORDS = 2_000


def live(ci: int, full: int) -> int:
    """One of two sizes, as the environment variable `HHPERF_PROFILE` says; `ci` without it.

    Args:
        ci: seconds of work, for checks.
        full: what gives a reader numbers of their own.

    Raises:
        SettingsError: the variable is neither `ci` nor `full`.

    Example:
        >>> hhperf.live(ci=12, full=400)
        12
    """
    profile = os.environ.get(VARIABLE) or "ci"
    if profile not in PROFILES:
        raise SettingsError(f"{VARIABLE} is '{profile}': use {' or '.join(PROFILES)}")
    return full if profile == "full" else ci


@contextmanager
def serving(
    arm: str,
    *options: str,
    profile: str = "local",
    candidates: int = 23_000,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Serve an arm over HTTP on a free loopback port and give its base address.

    Each deployment gets a cache prefix of its own: two that share one warm each other.

    Args:
        arm: the schedule's name.
        options: of `hhperf serve` besides, such as `--as-deployed`.
        profile: a latency profile: a name or a `.toml` file.
        candidates: of the embedded corpus.
        environment: variables by production's names, before those of this process.

    Raises:
        StackError: the service ended before it answered; with its last words.

    Example:
        >>> with hhperf.serving("parallel", candidates=2_000) as address:  # doctest: +SKIP
        ...     print(address)
    """
    own = {"SEARCH_REDIS_PREFIX": f"hhperf:served:{uuid4().hex}", **(environment or {})}
    place = ["--profile", profile, "--candidates", str(candidates), "--port", "0"]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
        subprocess.Popen(
            [sys.executable, "-u", "-m", "hhperf", "serve", "--arm", arm, *place, *options],
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=complaints,
            encoding="utf-8",
        ) as process,
    ):
        try:
            yield _address(process, complaints)
        finally:
            process.terminate()


def _address(process: "subprocess.Popen[str]", complaints: IO[str]) -> str:
    """What the service says when it listens.

    Raises:
        StackError: it ended without saying so.
    """
    assert process.stdout is not None
    for line in process.stdout:
        if found := _ADDRESS.search(line):
            return found[0]
    process.wait()
    complaints.seek(0)
    said = complaints.read()[-_LAST_WORDS:].strip()
    raise StackError(f"hhperf serve ended with code {process.returncode}: {said or 'no word'}")
