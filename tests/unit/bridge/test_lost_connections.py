import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from bridge.lost_connections import expect_lost_connections

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


@pytest.fixture(autouse=True)
def upstream_restored() -> Iterator[None]:
    send = AIOKafkaConnection.send
    yield
    AIOKafkaConnection.send = send


def send_on_a_reset_connection() -> None:
    """Send on uvloop, after the peer has reset the connection and before the reader has noticed."""

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        writer.transport.abort()

    async def connect_and_send() -> None:
        async with await asyncio.start_server(reset, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            connection = AIOKafkaConnection("127.0.0.1", port, request_timeout_ms=5000)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            connection._reader, connection._writer = reader, writer
            connection._read_task = asyncio.create_task(asyncio.sleep(0))
            connection._versions = {MetadataRequest.API_KEY: (0, 1)}
            writer.write(b"x")
            while not writer.transport.is_closing():
                await asyncio.sleep(0)
            await asyncio.sleep(0)  # connection_lost
            assert connection.connected()
            try:
                await connection.send(MetadataRequest([]))
            finally:
                connection.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(connect_and_send())


def test_upstream_fails_with_an_error_that_it_does_not_catch() -> None:
    """The reason for all this."""
    with pytest.raises(RuntimeError, match="closed"):
        send_on_a_reset_connection()


def test_it_fails_as_a_lost_connection() -> None:
    expect_lost_connections()
    with pytest.raises(KafkaConnectionError):
        send_on_a_reset_connection()
