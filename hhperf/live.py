"""How much the live section of a notebook measures: enough to check it, or enough to learn from."""

import os

from hhperf.errors import SettingsError

VARIABLE = "HHPERF_PROFILE"
PROFILES = ("ci", "full")


def live(ci: int, full: int) -> int:
    """One of two sizes, as the environment variable `HHPERF_PROFILE` says; `ci` without it.

    Args:
        ci: seconds of work, for checks.
        full: what gives a reader numbers of their own.

    Raises:
        SettingsError: the variable is neither `ci` nor `full`.
    """
    profile = os.environ.get(VARIABLE) or "ci"
    if profile not in PROFILES:
        raise SettingsError(f"{VARIABLE} is '{profile}': use {' or '.join(PROFILES)}")
    return full if profile == "full" else ci
