"""Whether the numbers and words of a plan can be used; each is named where it cannot."""

from enum import StrEnum
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

from hhperf.errors import PlanError, unknown
from hhperf.workload.schedules import MOST_REQUESTS

Kind = TypeVar("Kind", bound=StrEnum)
Common = tuple[Any, Any, Any, Any]
"""What every plan has: warm-up, timeout, seed and extra time."""


def check_least(bound: int, **numbers: Any) -> None:
    """Make sure that numbers, where they are given, are whole and not too small.

    Raises:
        PlanError: one is below the bound, or no whole number.
    """
    for name, value in numbers.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, Integral) or value < bound:
            raise PlanError(f"{name} is {value!r}, must be a whole number, at least {bound}")


def check_counts(bound: int, **numbers: Any) -> None:
    """Make sure that counts, where they are given, are whole, not too small and not without end.

    Raises:
        PlanError: one is below the bound, beyond `MOST_REQUESTS`, or no whole number.
    """
    check_least(bound, **numbers)
    for name, value in numbers.items():
        if value is not None and value > MOST_REQUESTS:
            raise PlanError(f"{name} is {value}, must be at most {MOST_REQUESTS:,}")


def check_common(warm_up: Any, timeout_s: Any, seed: Any, extra_time_s: Any = None) -> None:
    """Make sure of what every plan has.

    Raises:
        PlanError: one is out of bounds.
    """
    check_counts(0, warm_up=warm_up)
    check_least(0, seed=seed)
    if not _is_number(timeout_s) or not 0 < timeout_s < np.inf:
        raise PlanError(f"timeout_s is {timeout_s!r}, must be a positive number of seconds")
    if extra_time_s is None:
        return
    if not _is_number(extra_time_s) or not 0 <= extra_time_s < np.inf:
        raise PlanError(f"extra_time_s is {extra_time_s!r}, must be a number of seconds from 0")


def choice(kind: type[Kind], value: Any, name: str) -> Kind:
    """The member of an enumeration that a word means.

    Raises:
        PlanError: there is none; with those that there are.
    """
    try:
        return kind(value)
    except ValueError:
        raise PlanError(f"{name} is {value!r}: {unknown(value, kind)}") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
