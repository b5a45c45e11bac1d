"""What an examination of the stack comes to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        check: what was looked at.
        ok: whether it is as it should be.
        message: what was found.
        remedy: how to mend it where it is not as it should be.
    """

    check: str
    ok: bool
    message: str
    remedy: str = ""
