"""aiokafka on uvloop: a connection that was reset fails in the way that aiokafka expects."""

from collections.abc import Awaitable
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason

_send = AIOKafkaConnection.send


def expect_lost_connections() -> None:
    """Let every client of this process survive a reset connection. Idempotent.

    Between the reset and the end of the connection's reader aiokafka takes it for connected. asyncio ignores what is
    written then, uvloop raises RuntimeError; aiokafka catches KafkaError and OSError only, so the task that wrote ends
    for good: a producer's sender, or what updates a client's metadata, for which everything else then waits for ever.
    """
    AIOKafkaConnection.send = _send_if_open


def _send_if_open(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Awaitable[Any]:
    """As upstream, which raises KafkaConnectionError for a connection that is closed."""
    writer = connection._writer  # noqa: SLF001 - nothing public tells
    if writer is not None and writer.transport.is_closing():
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
    answer: Awaitable[Any] = _send(connection, request, expect_response)
    return answer
