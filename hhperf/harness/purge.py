"""A command between requests, outside every measured latency.

Mostly one that empties a deployment's caches; one that waits lets each request find a machine at
rest, whichever arm was asked before.
"""

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from hhperf.errors import PlanError, PurgeError
from hhperf.masking import masked, secrets_among, without
from hhperf.runs.observation import Arm

ARM_VARIABLE = "HHPERF_ARM"
LONGEST_OUTPUT = 2_000
_SECRET_OPTIONS = frozenset({"-a", "-u", "--pass", "--password", "--user", "-H", "--header"})


@dataclass(frozen=True, slots=True)
class Purge:
    """Empties caches, before each request of a paired replay.

    Attributes:
        command: of the shell; which arm the request is for stands in `HHPERF_ARM` (`control`,
            `treatment` or `control_again`). Never recorded: there may be a password in it.
        timeout_s: how long it may take.
    """

    command: str
    timeout_s: float

    async def run(self, arm: Arm) -> None:
        """Run the command and wait for its end.

        Raises:
            PurgeError: it failed or took too long; with what it said.
        """
        process = await asyncio.create_subprocess_shell(
            self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env={**os.environ, ARM_VARIABLE: arm.value},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self.timeout_s):
                said, _ = await process.communicate()
        except TimeoutError:
            raise self._failure(f"did not end within {self.timeout_s:g} s", b"") from None
        finally:
            await _end(process)
        if process.returncode:
            raise self._failure(f"failed with exit code {process.returncode}", said)

    def _failure(self, how: str, said: bytes) -> PurgeError:
        text = said.decode(errors="replace").strip()[-LONGEST_OUTPUT:] or "it said nothing"
        shown = masked(without(text, secrets_among(_secrets_in(self.command))))
        return PurgeError(f"before each request: {program_of(self.command)} {how}", shown)


def _secrets_in(command: str) -> list[str]:
    """What a command's words say that nobody may read: after `-a`, `-u` and the like, or after `=`.

    The command may fail by telling how it was called.
    """
    words = shlex.split(command)
    after = [word for option, word in pairwise(words) if option in _SECRET_OPTIONS]
    return after + [word.partition("=")[2] for word in words if "=" in word]


async def _end(process: Process) -> None:
    """End what is left of a command that was given up, with all that it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def check_before_each(command: str, in_flight: int) -> None:
    """Make sure that a command can run between the requests of a plan.

    Raises:
        PlanError: it is none, or other requests would be under way while it empties the caches.
    """
    program_of(command)
    if in_flight != 1:
        raise PlanError(
            f"before_each: in_flight is {in_flight}, must be 1: the caches that it empties would be"
            " those of other requests under way"
        )


def program_of(command: str) -> str:
    """The name of the program that a command runs: all that is recorded of it.

    Raises:
        PlanError: there is none, or a quotation does not end.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise PlanError(f"before_each: the command cannot be read ({error})") from None
    programs = (word for word in words if "=" not in word)
    found = PurePath(next(programs, "")).name
    if not found:
        raise PlanError("before_each: give a command, such as 'redis-cli flushdb'")
    return found
