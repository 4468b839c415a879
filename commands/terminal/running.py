"""Runs commands that talk to Kafka: if Kafka cannot be used, they print one sentence and exit 2, not a traceback."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RequestTimedOutError,
    UnknownTopicOrPartitionError,
)

from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.pretty_log import PrettyLine
from bridge.refusals import Refusal
from bridge.settings import Settings
from bridge.topics import plan
from commands.terminal.first_contact import waiting_for_kafka
from commands.terminal.outages import telling_outages
from commands.terminal.output import fail
from commands.terminal.remedies import topics_remedy
from commands.terminal.words import in_words, plain

T = TypeVar("T")

_SILENCE: Final = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, RequestTimedOutError, TimeoutError)
_NO_METADATA: Final = "Unable to update metadata"
"""aiokafka logs this if no broker that it knows has answered."""


class PartlySilent(Refusal):
    """One broker has let us in, another one is silent, and the request got no answer."""

    def __init__(self, silent: Sequence[str]) -> None:
        super().__init__(
            f"No answer from {', '.join(silent)}, though another one answers: `bridge doctor` says what to do about it"
        )


async def require_topics(settings: Settings) -> None:
    """Exit 2 unless every topic exists with the partitions of the settings."""
    made = await plan(settings)
    if made.create:
        fail(f"{made.create[0].name} does not exist: {topics_remedy(settings)}.")
    if made.refused:
        fail(made.refused[0])


def run(settings: Settings, task: Coroutine[Any, Any, T]) -> T:
    """Run `task` and return its result; exits 2 if Kafka cannot be used."""
    mend_aiokafka()
    with QuietClients() as log, _quiet_services():
        try:
            return asyncio.run(_attended(settings, task))
        except Refusal as refusal:
            fail(f"{in_words(refusal, settings)}.")
        except (KafkaError, OSError) as error:
            fail(f"{in_words(log.meant(error), settings)}{log.words}.")


@contextmanager
def _quiet_services() -> Iterator[None]:
    """Send logs of code shared with services to Python's logging, which prints only warnings, on stderr.

    By default structlog prints everything on stdout, and tracebacks with the values of variables, such as customers'
    data.
    """
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            PrettyLine(colour=False),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


async def _attended(settings: Settings, task: Coroutine[Any, Any, T]) -> T:
    keep_quiet()
    async with waiting_for_kafka(settings) as contact:
        try:
            async with telling_outages(settings, contact):
                return await task
        except _SILENCE as error:
            if contact.answers and contact.silent:  # else the error would say that there is no Kafka
                raise PartlySilent(contact.silent) from error
            raise  # if all answered at first, the only broker may have gone away since


def keep_quiet() -> None:
    """Keep clients' internal errors out of the running loop's log."""
    asyncio.get_running_loop().set_exception_handler(_complain)


def _complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Drop two kinds of noise. aiokafka fails all its futures at once, even those that nobody awaits, with an error
    already reported. And a client cancelled while it connected, by Ctrl-C or a deadline, says that nobody closed it."""
    given_up = str(context.get("message")).startswith("Unclosed AIOKafka")
    if not given_up and not isinstance(context.get("exception"), KafkaError):
        loop.default_exception_handler(context)


class QuietClients(logging.Handler):
    """Keeps aiokafka's log off the terminal; stores the last message, which says more than the exception."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last = ""
        self._logger = logging.getLogger("aiokafka")
        self._propagated = self._logger.propagate

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        self._logger.propagate = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagated

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        if record.name != "aiokafka.conn":  # its warning, for each connection, of a password in plain text
            self._last = plain(record.getMessage())

    def meant(self, error: Exception) -> Exception:
        """The real error: aiokafka reports a missing topic even if no broker answered within the request timeout."""
        nobody_told = isinstance(error, UnknownTopicOrPartitionError) and self._last.startswith(_NO_METADATA)
        return KafkaTimeoutError() if nobody_told else error

    @property
    def words(self) -> str:
        """The last message in brackets, to end a sentence."""
        return f" ({self._last})" if self._last else ""
