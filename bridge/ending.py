"""Being told to end, by SIGTERM or, at a terminal, SIGINT."""

import asyncio
import signal


def raise_if_cancelled() -> None:
    """CancelledError if the current task was asked to end, also if something below it did not pass that on."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def stop_signal() -> asyncio.Event:
    """An event that either signal sets; to be called on the running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
