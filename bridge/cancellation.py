"""Ending tasks whose cancellation a library swallows: aiokafka 0.14.0 does so while it closes a client."""

import asyncio


def raise_if_cancelled() -> None:
    """CancelledError if the current task was asked to end, also if something below it did not pass that on."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
