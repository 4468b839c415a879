"""Being told to end, by SIGTERM or, at a terminal, SIGINT."""

import asyncio
import signal


def stop_signal() -> asyncio.Event:
    """An event that either signal sets; to be called on the running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
