"""Whether a cancellation is meant for us: aiokafka's clients raise those of their own tasks to whoever waits."""

import asyncio


def is_cancelled() -> bool:
    """Whether somebody has cancelled the running task."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
