"""Rates, sizes and phases, as the commands under load read them."""

from typing import TYPE_CHECKING

import hhperf
from hhperf.errors import PlanError

if TYPE_CHECKING:
    from hhperf.workload.schedules import Phases


def phases_of(rate: str, seconds: float) -> "Phases":
    """One rate, steps of several, or a ramp from one to another.

    Raises:
        PlanError: it is none of these.
    """
    make = hhperf.schedules
    if ".." in rate:
        low, _, high = rate.partition("..")
        return make.ramp(_number("--rate", low), _number("--rate", high), seconds)
    rates = numbers_in("--rate", rate)
    if len(rates) == 1:
        return make.constant(rates[0], seconds)
    return make.steps(rates, seconds / len(rates))


def pools_of(pool_max: str | None) -> list[int | None]:
    """Sizes of the pool; None where it is not said.

    Raises:
        PlanError: one is no whole number.
    """
    if pool_max is None:
        return [None]
    sizes = numbers_in("--pool-max", pool_max)
    if not all(size.is_integer() for size in sizes):
        raise PlanError(f"--pool-max: {pool_max}: connections are whole numbers")
    return [int(size) for size in sizes]


def numbers_in(option: str, text: str) -> list[float]:
    """Numbers above 0, with commas between them.

    Raises:
        PlanError: one is none, or there is none.
    """
    numbers = [_number(option, each) for each in text.split(",") if each.strip()]
    if not numbers:
        raise PlanError(f"{option}: '{text}' has no number in it")
    return numbers


def _number(option: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise PlanError(f"{option}: '{text}' is no number") from None
    if not 0 < number < float("inf"):
        raise PlanError(f"{option}: {text} must be above 0, and a number")
    return number
