"""Mends defects of aiokafka 0.14.0 that callers cannot work around, for every client of a process."""

import asyncio
import logging
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, Final

from aiokafka import errors
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection, CloseReason, OAuthAuthenticator
from aiokafka.consumer.fetcher import Fetcher, PartitionRecords
from aiokafka.errors import (
    CoordinatorNotAvailableError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
)
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.record.control_record import ABORT_MARKER, ControlRecord

from bridge.boottime import boottime
from bridge.kafka.codecs import use_fast_codecs
from bridge.kafka.shared_tokens import SharedTokens
from bridge.kafka.silent_brokers import ask_silent_brokers_last, connecting

_send, _close, _bootstrap = AIOKafkaConnection.send, Fetcher.close, AIOKafkaClient.bootstrap
_close_connection, _look_up = AIOKafkaConnection.close, AIOKafkaClient.coordinator_lookup
_accumulate, _step, _connect = MessageAccumulator.__init__, OAuthAuthenticator.step, AIOKafkaConnection.connect
_ask_for_metadata = MetadataRequest.__init__
_AGAIN_S: Final = 0.1
_GOODBYE_S: Final = 1.0

_log: Final = logging.getLogger("aiokafka")


class _Bootstrap:
    """A client's search for a first broker. Tasks that begin meanwhile, like the one that updates metadata, have this
    object in their context and outlive the search, so `end` empties it."""

    def __init__(self) -> None:
        self.is_over = False
        self.heard: list[logging.LogRecord] = []
        self.opened: list[AIOKafkaConnection] = []

    def end(self) -> list[logging.LogRecord]:
        """End the search; return what was heard."""
        self.is_over = True
        heard, self.heard, self.opened = self.heard, [], []
        return heard


_bootstrap_of: ContextVar[_Bootstrap | None] = ContextVar("the bootstrap that this is part of", default=None)


class InvalidRecordError(errors.BrokerResponseError):  # type: ignore[misc]  # aiokafka is not followed by mypy
    """The broker found the record itself invalid."""

    errno = 87
    message = "INVALID_RECORD"
    description = "The broker failed to validate this record."


errors.kafka_errors[InvalidRecordError.errno] = InvalidRecordError
errors.MessageSizeTooLargeError.message = "MESSAGE_TOO_LARGE"  # as Kafka calls it


def mend_aiokafka() -> None:
    """Call it before any client is made. Idempotent."""
    AIOKafkaConnection.send = _send_if_open
    Fetcher.close = _close_in_order
    PartitionRecords._contains_abort_marker = has_abort_marker  # noqa: SLF001 - nothing public does it
    AIOKafkaClient.bootstrap = _bootstrap_with_reason
    AIOKafkaClient.coordinator_lookup = _look_up_once_a_broker_is_known
    MessageAccumulator.__init__ = _with_forgiving_set
    OAuthAuthenticator.step = _step_unless_refused
    AIOKafkaConnection.connect = _connect_or_leave_nothing
    AIOKafkaConnection.close = _close_at_once
    MetadataRequest.__init__ = _ask_and_create_nothing
    _log.addFilter(_is_for_the_log)
    ask_silent_brokers_last()
    use_fast_codecs()


class _Pending(set[Any]):
    def remove(self, batch: Any) -> None:
        self.discard(batch)


def _with_forgiving_set(accumulator: Any, *args: Any, **options: Any) -> None:
    """A producer that gives up a batch raises no KeyError.

    Upstream removes a batch from those under way when it is to be sent again, and then once more when it ends, or when
    a failed producer would send it again. The second removal raises where nobody listens.
    """
    _accumulate(accumulator, *args, **options)
    accumulator._pending_batches = _Pending()  # noqa: SLF001 - nothing public does it


def _send_if_open(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Awaitable[Any]:
    """A reset connection fails as a lost one.

    Until the connection's reader ends, aiokafka takes a reset connection for connected. asyncio ignores what is written
    then, uvloop raises RuntimeError. aiokafka catches only KafkaError and OSError, so the task that wrote ends for
    good: a producer's sender, or what updates a client's metadata. Everything else then waits for it for ever.
    """
    writer = connection._writer  # noqa: SLF001 - nothing public tells
    if writer is not None and writer.transport.is_closing():
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
    answer: Awaitable[Any] = _send(connection, request, expect_response)
    return answer


async def _close_in_order(fetcher: Any) -> None:
    """A consumer's `stop` ends, and raises no CancelledError of its own.

    Upstream cancels a fetch that waits to try again, and `stop` raises that as if the caller were cancelled; the caller
    then ends silently. And the fetcher swallows a cancellation that comes while it ends old fetches.
    """
    tasks = fetcher._fetch_task, *fetcher._pending_tasks  # noqa: SLF001 - as above
    while left := {task for task in tasks if not task.done()}:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_AGAIN_S)
    fetcher._pending_tasks = set()  # noqa: SLF001 - as above
    await _close(fetcher)


def has_abort_marker(_: PartitionRecords, batch: Any) -> bool:
    """Whether a control batch ends an aborted transaction.

    Kafka's log cleaner leaves a producer's last batch without its record. Java's consumer takes that for no marker;
    upstream raises whenever it is read.
    """
    record = next(batch, None)
    return record is not None and bool(ControlRecord.parse(record.key) == ABORT_MARKER)


async def _step_unless_refused(authenticator: Any, payload: bytes | None) -> Any:
    """If a bearer token is refused, raise what the broker says of it (RFC 7628, section 3.2.2).

    Upstream takes any answer for consent, and its next request finds the connection closed.
    """
    if payload and authenticator._token_sent:  # noqa: SLF001 - nothing public tells
        raise SaslAuthenticationFailed(payload.decode(errors="replace"))
    return await _step(authenticator, payload)


def _close_at_once(connection: Any, reason: Any = None, exc: BaseException | None = None) -> Any:
    """A closed TLS connection ends at once: nobody waits for anything on its way any more.

    Upstream waits for the end of its transport, which waits up to half a minute for the broker's goodbye. Opening a
    lane took that long.
    """
    writer = connection._writer  # noqa: SLF001 - as above
    closed = _close_connection(connection, reason, exc)
    if writer is not None and connection._ssl_context is not None:  # noqa: SLF001 - as above
        writer.transport.abort()
    return closed


async def _connect_or_leave_nothing(connection: Any) -> Any:
    """A connection that cannot log in is closed before the error is raised, and the token's provider hears of a
    refusal.

    Upstream does not wait for the end of TLS, which may come after the end of a command's event loop. And it keeps the
    token that no broker takes.
    """
    began = boottime()
    if bootstrap := _bootstrap_under_way():
        bootstrap.opened.append(connection)
    try:
        with connecting(connection.host, connection.port):
            return await _connect(connection)
    except Exception as error:
        tokens = connection._sasl_oauth_token_provider  # noqa: SLF001 - as above
        if isinstance(error, SaslAuthenticationFailed) and isinstance(tokens, SharedTokens):
            tokens.refused(began)
        if connection._protocol is not None:  # noqa: SLF001 - as above
            await asyncio.wait({connection._closed_fut}, timeout=_GOODBYE_S)  # noqa: SLF001 - as above
        raise


async def _bootstrap_with_reason(client: Any) -> None:
    """A client that reaches no broker raises why; one that is cancelled meanwhile leaves no connection open.

    aiokafka only logs each broker's reason, like a refused login or a certificate, and raises that there is no
    connection. And once the caller gives up, nobody closes a connection whose broker does not answer.
    """
    bootstrap = _Bootstrap()
    token = _bootstrap_of.set(bootstrap)
    try:
        await _bootstrap(client)
    except KafkaConnectionError as error:
        raise error from _most_telling(bootstrap.heard)
    except BaseException:
        for connection in bootstrap.opened:
            connection.close()
        raise
    finally:
        _bootstrap_of.reset(token)
        heard = bootstrap.end()
    for record in heard:  # some brokers did not answer, and no exception says so
        _log.handle(record)


async def _look_up_once_a_broker_is_known(client: Any, *asked: Any) -> Any:
    """If no broker is known at the moment, a coordinator is asked for again.

    A broker that has just begun may name none in its metadata. Upstream asserts that there is one, which ends the task
    that asks: a member's, for good.
    """
    if client.get_random_node() is None:
        raise CoordinatorNotAvailableError("no broker is known at the moment")
    return await _look_up(client, *asked)


def _ask_and_create_nothing(
    request: Any, topics: list[str] | None = None, allow_auto_topic_creation: bool = False
) -> None:
    """A deleted topic stays away, whatever asks for it: `topics apply` makes it as it must be.

    Upstream lets a broker with auto-creation, Kafka's default, create it, with one partition and a week's retention.
    """
    _ask_for_metadata(request, topics, allow_auto_topic_creation)


def _bootstrap_under_way() -> _Bootstrap | None:
    bootstrap = _bootstrap_of.get()
    return None if bootstrap is None or bootstrap.is_over else bootstrap


def _is_for_the_log(record: logging.LogRecord) -> bool:
    bootstrap = _bootstrap_under_way()
    if bootstrap is None or _error_of(record) is None:
        return True
    bootstrap.heard.append(record)
    return False


def _error_of(record: logging.LogRecord) -> Exception | None:
    last = record.args[-1] if isinstance(record.args, tuple) and record.args else None
    return last if isinstance(last, Exception) else None


def _most_telling(heard: list[logging.LogRecord]) -> Exception | None:
    """The last error that Kafka answered, else the last one."""
    errors = [error for record in heard if (error := _error_of(record))]
    answered = [error for error in errors if isinstance(error, KafkaError)]
    return (answered or errors or [None])[-1]
