"""The event loop that costs the generator least, and what wakes it at the very moment."""

import asyncio
import ctypes
import os
import struct
import sys
from time import perf_counter_ns
from typing import Self


def new_fast_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop's; of asyncio's own on Windows, where there is none."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415

    return uvloop.new_event_loop()


_CLOCK_MONOTONIC = 1  # what perf_counter_ns reads on Linux
_ABSOLUTE = 1
_COARSE_NS = 1_000_000


class Alarm:
    """Wakes the running event loop at points of `perf_counter_ns`, one at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._fd = _timer()
        self._ring: asyncio.Future[None] | None = None
        if self._fd is not None:
            self._loop.add_reader(self._fd, self._rung)

    async def until(self, at_ns: int) -> None:
        """Wait for a point in time; one that has passed is not waited for."""
        if self._fd is None:
            await _roughly_until(at_ns)
            return
        while perf_counter_ns() < at_ns:
            _set(self._fd, at_ns)
            self._ring = self._loop.create_future()
            await self._ring

    def close(self) -> None:
        """Give the timer back."""
        if self._fd is not None:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rung(self) -> None:
        assert self._fd is not None
        try:
            os.read(self._fd, 8)
        except BlockingIOError:  # it was set anew in the meantime
            return
        if self._ring is not None and not self._ring.done():
            self._ring.set_result(None)


async def _roughly_until(at_ns: int) -> None:
    early_s = (at_ns - perf_counter_ns() - _COARSE_NS) / 1e9
    if early_s > 0:
        await asyncio.sleep(early_s)
    while perf_counter_ns() < at_ns:  # noqa: ASYNC110  only the clock can tell
        await asyncio.sleep(0)


if sys.platform == "linux":
    _LIBC = ctypes.CDLL(None, use_errno=True)

    def _timer() -> int | None:
        fd: int = _LIBC.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        return fd if fd >= 0 else None

    def _set(fd: int, at_ns: int) -> None:
        """Ring once: a `struct itimerspec` has the interval first, then the time."""
        _LIBC.timerfd_settime(fd, _ABSOLUTE, struct.pack("4l", 0, 0, *divmod(at_ns, 10**9)), None)

else:

    def _timer() -> int | None:
        return None

    def _set(fd: int, at_ns: int) -> None:
        raise NotImplementedError
