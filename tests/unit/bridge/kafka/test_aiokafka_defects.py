import asyncio
import logging
import socket
import struct
from contextlib import nullcontext
from typing import Any
from unittest.mock import Mock

import pytest
import uvloop
from aiokafka.abc import AbstractTokenProvider
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.conn import AIOKafkaConnection, OAuthAuthenticator
from aiokafka.consumer.fetcher import Fetcher, PartitionRecords
from aiokafka.errors import CoordinatorNotAvailableError, KafkaConnectionError, SaslAuthenticationFailed
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.protocol.admin import ApiVersionRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.structs import TopicPartition

from bridge.kafka import aiokafka_defects
from bridge.kafka.aiokafka_defects import mend_aiokafka

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


@pytest.fixture(autouse=True)
def upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka before it is mended: an earlier test of this process may have mended it."""
    monkeypatch.setattr(AIOKafkaConnection, "send", aiokafka_defects._send)
    monkeypatch.setattr(Fetcher, "close", aiokafka_defects._close)
    monkeypatch.setattr(PartitionRecords, "_contains_abort_marker", PartitionRecords._contains_abort_marker)
    monkeypatch.setattr(AIOKafkaClient, "bootstrap", aiokafka_defects._bootstrap)
    monkeypatch.setattr(AIOKafkaClient, "coordinator_lookup", aiokafka_defects._look_up)
    monkeypatch.setattr(MessageAccumulator, "__init__", aiokafka_defects._accumulate)
    monkeypatch.setattr(OAuthAuthenticator, "step", aiokafka_defects._step)
    monkeypatch.setattr(AIOKafkaConnection, "connect", aiokafka_defects._connect)
    monkeypatch.setattr(AIOKafkaConnection, "close", aiokafka_defects._close_connection)
    monkeypatch.setattr(MetadataRequest, "__init__", aiokafka_defects._ask_for_metadata)


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
            await asyncio.sleep(0)  # lets connection_lost run
            assert connection.connected()
            try:
                await connection.send(MetadataRequest([]))
            finally:
                connection.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(connect_and_send())


def test_upstreams_connection_fails_with_an_error_that_it_does_not_catch() -> None:
    """This is why `mend_aiokafka` replaces `send`."""
    with pytest.raises(RuntimeError, match="closed"):
        send_on_a_reset_connection()


def test_mended_it_fails_as_a_lost_connection() -> None:
    mend_aiokafka()
    with pytest.raises(KafkaConnectionError):
        send_on_a_reset_connection()


class Fetching:
    """A fetcher, as far as closing needs it. One fetch waits to try again, as while its broker is away."""

    def __init__(self) -> None:
        self._closed = False
        self._fetch_waiters: set[asyncio.Future[None]] = set()
        self._fetch_task = asyncio.create_task(self._stubborn())
        self._pending_tasks = {asyncio.create_task(asyncio.sleep(3600))}

    async def _stubborn(self) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)


async def test_upstreams_fetcher_raises_a_cancellation_that_nobody_asked_for() -> None:
    fetcher: Any = Fetching()
    fetcher._fetch_task.cancel()
    await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await Fetcher.close(fetcher)


async def test_mended_it_closes_in_order_even_if_a_cancellation_was_swallowed() -> None:
    mend_aiokafka()
    fetcher: Any = Fetching()
    await Fetcher.close(fetcher)
    assert fetcher._closed
    assert fetcher._fetch_task.done()


REFUSED = SaslAuthenticationFailed("wrong password")
UNREACHABLE = ConnectionRefusedError(111, "Connection refused")


async def bootstrapped(monkeypatch: pytest.MonkeyPatch, *reasons: Exception, reached: bool) -> None:
    """A mended client's bootstrap: brokers fail for these reasons; then, if `reached`, one answers."""

    async def upstream(_client: Any) -> None:
        for reason in reasons:
            logging.getLogger("aiokafka").error('Unable connect to "%s:%s": %s', "host", 9092, reason)
        if not reached:
            raise KafkaConnectionError("Unable to bootstrap")

    monkeypatch.setattr(aiokafka_defects, "_bootstrap", upstream)
    mend_aiokafka()
    await AIOKafkaClient.bootstrap(None)


async def test_upstreams_client_does_not_raise_why_it_reaches_no_broker(unused_tcp_port: int) -> None:
    client = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
    with pytest.raises(KafkaConnectionError) as failure:
        await client.bootstrap()
    assert failure.value.__cause__ is None


async def test_mended_it_raises_the_reason_instead_of_logging_it(
    unused_tcp_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    mend_aiokafka()
    client = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
    with pytest.raises(KafkaConnectionError) as failure:
        await client.bootstrap()
    assert isinstance(failure.value.__cause__, ConnectionRefusedError)
    assert caplog.records == []


async def test_what_kafka_answered_tells_more_than_a_broker_that_was_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(KafkaConnectionError) as failure:
        await bootstrapped(monkeypatch, REFUSED, UNREACHABLE, reached=False)
    assert failure.value.__cause__ is REFUSED


async def test_brokers_that_were_not_reached_are_logged_where_another_one_was(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await bootstrapped(monkeypatch, UNREACHABLE, reached=True)
    assert "Connection refused" in caplog.text


async def test_what_outlives_its_bootstrap_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A client's metadata task begins while the client bootstraps."""
    over, updating = asyncio.Event(), set[asyncio.Task[None]]()

    async def update() -> None:
        await over.wait()
        logging.getLogger("aiokafka").error("Unable to update metadata: %s", UNREACHABLE)

    async def upstream(_client: Any) -> None:
        updating.add(asyncio.create_task(update()))

    monkeypatch.setattr(aiokafka_defects, "_bootstrap", upstream)
    mend_aiokafka()
    await AIOKafkaClient.bootstrap(None)
    over.set()
    await asyncio.gather(*updating)
    assert "Connection refused" in caplog.text


async def test_a_bootstrap_that_is_given_up_leaves_no_connection() -> None:
    """The connection is to a broker that says which versions it knows, and then nothing."""
    mend_aiokafka()
    asked, left = asyncio.Event(), asyncio.Event()

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack(">i", await reader.readexactly(4))
        correlation_id = (await reader.readexactly(size))[4:8]
        versions = struct.pack(">hi3h3h", 0, 2, ApiVersionRequest.API_KEY, 0, 0, MetadataRequest.API_KEY, 0, 1)
        writer.write(struct.pack(">i", 4 + len(versions)) + correlation_id + versions)
        await reader.readexactly(4)
        asked.set()
        await reader.read()
        left.set()
        writer.close()

    async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
        client = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        bootstrapping = asyncio.create_task(client.bootstrap())
        await asked.wait()
        bootstrapping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bootstrapping
        await asyncio.wait_for(left.wait(), 10)


@pytest.mark.parametrize("mended", [False, True])
async def test_a_coordinator_that_nobody_can_be_asked_for_is_asked_for_again(mended: bool) -> None:
    """aiokafka tries again after this error; upstream raises AssertionError."""
    if mended:
        mend_aiokafka()
    client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1")
    with pytest.raises(CoordinatorNotAvailableError if mended else AssertionError):
        await client.coordinator_lookup(CoordinationType.GROUP, "group")
    assert CoordinatorNotAvailableError.retriable


@pytest.mark.parametrize("mended", [False, True])
async def test_a_batch_that_is_not_under_way_any_more_can_be_given_up(mended: bool) -> None:
    """A failed producer would send it again. Upstream raises KeyError in a task that nobody waits for."""
    if mended:
        mend_aiokafka()
    accumulator = MessageAccumulator(None, 1000, 0, 1)
    batch = Mock(tp=TopicPartition("raw", 0))
    with nullcontext() if mended else pytest.raises(KeyError):
        accumulator.reenqueue(batch)


@pytest.mark.parametrize("mended", [False, True])
@pytest.mark.parametrize("version", [4, 5])
def test_whoever_asks_for_a_topic_does_not_create_it(version: int, mended: bool) -> None:
    if mended:
        mend_aiokafka()
    for topics in (["deleted"], [], None):
        asked = MetadataRequest(topics).prepare({MetadataRequest.API_KEY: (0, version)}).to_object()
        assert asked == {"topics": topics, "allow_auto_topic_creation": not mended}


class OneToken(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka is not followed by mypy
    async def token(self) -> str:
        return "t"


async def refused_token() -> None:
    """Have a broker refuse a token."""
    authenticator = OAuthAuthenticator(sasl_oauth_token_provider=OneToken())
    await authenticator.step(None)
    assert await authenticator.step(b'{"status":"invalid_token"}') is None


async def test_upstream_takes_the_refusal_of_a_token_for_consent() -> None:
    await refused_token()


async def test_a_refused_token_is_told_with_the_brokers_words() -> None:
    mend_aiokafka()
    with pytest.raises(SaslAuthenticationFailed, match="invalid_token"):
        await refused_token()


async def test_a_token_that_is_taken_is_answered_by_nothing() -> None:
    mend_aiokafka()
    authenticator = OAuthAuthenticator(sasl_oauth_token_provider=OneToken())
    await authenticator.step(None)
    assert await authenticator.step(b"") is None


@pytest.mark.parametrize(("context", "aborted"), [(object(), 1), (None, 0)])
async def test_a_tls_connection_waits_for_no_goodbye_when_it_is_closed(context: object, aborted: int) -> None:
    """A broker's goodbye took half a minute. A plain connection still sends what it holds."""
    mend_aiokafka()
    connection = AIOKafkaConnection("127.0.0.1", 1, ssl_context=context)
    writer = Mock()
    connection._reader, connection._writer, connection._read_task = Mock(), writer, Mock()
    connection.close()
    writer.close.assert_called_once()
    assert writer.transport.abort.call_count == aborted
