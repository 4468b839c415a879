"""Two defects of aiokafka 0.14.0 that no caller can work around, mended for every client of a process."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.consumer.fetcher import Fetcher

_send, _close = AIOKafkaConnection.send, Fetcher.close
_AGAIN_S: Final = 0.1


def mend_aiokafka() -> None:
    """Call it before any client is made. Idempotent."""
    AIOKafkaConnection.send = _send_if_open
    Fetcher.close = _close_in_order


def _send_if_open(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Awaitable[Any]:
    """A connection that was reset fails as a lost one.

    Between the reset and the end of the connection's reader aiokafka takes it for connected. asyncio ignores what is
    written then, uvloop raises RuntimeError; aiokafka catches KafkaError and OSError only, so the task that wrote ends
    for good: a producer's sender, or what updates a client's metadata, for which everything else then waits for ever.
    """
    writer = connection._writer  # noqa: SLF001 - nothing public tells
    if writer is not None and writer.transport.is_closing():
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
    answer: Awaitable[Any] = _send(connection, request, expect_response)
    return answer


async def _close_in_order(fetcher: Any) -> None:
    """A consumer's stop raises no CancelledError of its own, and ends.

    A fetch that waits to try again raises upstream's cancellation out of `stop`, as if the caller were cancelled, which
    then ends without a word; and the fetcher swallows a cancellation that comes while it ends old fetches.
    """
    tasks = fetcher._fetch_task, *fetcher._pending_tasks  # noqa: SLF001 - as above
    while left := {task for task in tasks if not task.done()}:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_AGAIN_S)
    fetcher._pending_tasks = set()  # noqa: SLF001 - as above
    await _close(fetcher)
