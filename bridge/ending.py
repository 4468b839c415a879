"""How a process is told to end: by SIGTERM or, at a terminal, SIGINT."""

import asyncio
import signal


def raise_if_cancelled() -> None:
    """CancelledError: the current task was asked to end, even if something below it swallowed the cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets. Needs a running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
