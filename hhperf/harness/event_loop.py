"""The event loop that costs the generator least."""

import asyncio
import sys


def new_fast_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop's; of asyncio's own on Windows, where there is none."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415

    return uvloop.new_event_loop()
