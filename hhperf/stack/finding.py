<<<<<<< HEAD
"""What an examination of the stack comes to."""
=======
"""What a check found."""
>>>>>>> proof

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
<<<<<<< HEAD
    """One thing looked at.

    Attributes:
        check: what was looked at.
        ok: whether it is as it should be.
        message: what was found.
        remedy: how to mend it where it is not as it should be.
=======
    """One thing that was looked at.

    Attributes:
        check: what was looked at.
        ok: whether it will do.
        message: what was found.
        remedy: how to mend it; empty when it will do.
>>>>>>> proof
    """

    check: str
    ok: bool
    message: str
    remedy: str = ""
<<<<<<< HEAD
=======


def fine(check: str, message: str) -> Finding:
    """It will do."""
    return Finding(check, True, message)


def wrong(check: str, message: str, remedy: str) -> Finding:
    """It will not do until mended."""
    return Finding(check, False, message, remedy)
>>>>>>> proof
