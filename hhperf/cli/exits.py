"""How a command ends: what each exit code means, and which error has which."""

import errno
from enum import IntEnum
from typing import TYPE_CHECKING

from hhperf.errors import HhperfError, PurgeError, StackError, TargetError
from hhperf.interrupts import was_stopped

if TYPE_CHECKING:
    from hhperf.runs.run import Run

BY_SIGNAL = 128
"""Added to the number of the signal that ended the command."""

_NO_FAULT_OF_A_PATH = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class ExitCode(IntEnum):
    """What a command's code means; those of signals come after 128."""

    EXCEEDS = 0
    """And of every command that did what it was asked for."""

    BELOW = 1
    INCONCLUSIVE = 2
    NOT_MEASURABLE = 3

    BAD_INPUT = 4
    """A command line, a file or a setting that cannot be used, or a run that has no verdict."""

    FAILURE = 5
    """Of the kit, of a part that it measures, or of the disk: nothing is known."""


def code_of(error: HhperfError) -> ExitCode:
    """Whose fault an error is: the input's, or that of a part or of the disk."""
    cause = error.__cause__
    is_full = isinstance(cause, OSError) and cause.errno in _NO_FAULT_OF_A_PATH
    failed = is_full or isinstance(error, StackError | TargetError | PurgeError)
    return ExitCode.FAILURE if failed else ExitCode.BAD_INPUT


def end_like(run: "Run") -> None:
    """End the command as the run ended that it recorded; a finished one goes on.

    Raises:
        KeyboardInterrupt: the run was interrupted, or the command when the run was at its end.
        StackError: a part was gone.
    """
    if run.status == "interrupted" or was_stopped():
        raise KeyboardInterrupt
    if run.status != "finished":
        raise StackError(f"{run.path}: {run.ending}; what was measured is kept")
