"""What keeps a replay from harming somebody's live system, and which systems are somebody's.

A target on loopback is this machine's own, whatever its name: nothing is held back. Every other
has ceilings, and bounds past which the replay ends.
"""

import math
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple, Protocol, runtime_checkable

from hhperf.errors import PlanError

Confirm = Callable[[str], bool]
"""Given what would be sent, in a sentence; whether to go on."""

Resolve = Callable[[str, int], Sequence[str]]
"""Given a host's name and a port, its addresses."""

NEVER = ("none", "never")
MOST_IN_FLIGHT = 20


@dataclass(frozen=True, slots=True)
class Safety:
    """What a replay may do to targets that are not this machine.

    Attributes:
        max_rate_hz: requests per second, over all arms.
        max_in_flight: requests under way at the same time.
        abort_errors: the share of an arm's last requests that may fail, 0 to 1; 1 for any.
        abort_factor: how many times as long as at first an arm's requests may take; None for
            however long.
        abort_latency_s: how long an arm's requests may take, at the median of the last; None for
            however long.
        confirm: asked before the first request of each run, in the process that begins it; None
            for going on unasked.

    Raises:
        PlanError: a number is out of bounds.

    Example:
        >>> hhperf.Safety(max_rate_hz=10, confirm=lambda question: True).max_rate_hz
        10
    """

    max_rate_hz: float = 50.0
    max_in_flight: int = MOST_IN_FLIGHT
    abort_errors: float = 0.05
    abort_factor: float | None = 5.0
    abort_latency_s: float | None = None
    confirm: Confirm | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        bounds: dict[str, tuple[float | None, float]] = {
            "max_rate_hz": (self.max_rate_hz, 0),
            "max_in_flight": (self.max_in_flight, 0),
            "abort_factor": (self.abort_factor, 1),
            "abort_latency_s": (self.abort_latency_s, 0),
        }
        for name, (value, above) in bounds.items():
            if value is not None and not above < value < math.inf:
                raise PlanError(f"{name} is {value}, must be a number above {above}")
        if not 0 <= self.abort_errors <= 1:
            raise PlanError(f"abort_errors is {self.abort_errors}, must be a share from 0 to 1")

    def __reduce__(self) -> tuple[Any, ...]:
        """Without whom to ask: another process that sends has nobody to ask."""
        told = (self.max_rate_hz, self.max_in_flight, self.abort_errors)
        return Safety, (*told, self.abort_factor, self.abort_latency_s)


class Elsewhere(NamedTuple):
    """A target that is not this machine."""

    place: str
    safety: Safety


@runtime_checkable
class MayBeElsewhere(Protocol):
    """A target that can tell whether it is this machine."""

    def elsewhere(self) -> Elsewhere | None:
        """Where it is and what holds there; None where it is this machine."""


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """What the system's resolver says.

    Raises:
        OSError: the name has no address.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(sockaddr[0]) for *_, sockaddr in found)


def is_elsewhere(addresses: Sequence[str]) -> bool:
    """Whether a host with these addresses may be another machine: not all are loopback."""
    return not addresses or not all(_is_loopback(each) for each in addresses)


def _is_loopback(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback


def read_share(option: str, text: str) -> float:
    """A share such as `5%` or `0.05`; 1 for `none`.

    Raises:
        PlanError: it is none; named by the option.
    """
    if text in NEVER:
        return 1.0
    share = _number(option, text.removesuffix("%"), "5% or none")
    return share / 100 if text.endswith("%") else share


def read_latency(option: str, text: str) -> tuple[float | None, float | None]:
    """A factor and seconds, one of which is None: `5x`, `2s`, `800ms`; both for `none`.

    Raises:
        PlanError: it is neither; named by the option.
    """
    like = "5x, 2s, 800ms or none"
    if text in NEVER:
        return None, None
    if text.endswith("x"):
        return _number(option, text[:-1], like), None
    if text.endswith("ms"):
        return None, _number(option, text[:-2], like) / 1e3
    return None, _number(option, text.removesuffix("s"), like)


def _number(option: str, text: str, like: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PlanError(f"{option}: {text!r} is no number: give {like}") from None
