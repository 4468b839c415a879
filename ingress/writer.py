"""The way into Kafka: one producer at a time, replaced when it is of no more use."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from bridge.cancellation import raise_if_cancelled
from bridge.intake import Record
from bridge.kafka_words import error_name
from bridge.log import get_logger
from bridge.rules import RulesMismatch
from bridge.secret_files import SettingsError
from ingress.answers import RecordRefused, Unavailable
from ingress.group_commit import GroupCommit, Producer, RefusedTogether
from ingress.probation import Probation
from ingress.unacknowledged import Unacknowledged

CONNECT_S: Final = 10.0
RETRY_S: Final = 1.0
SILENCE_S: Final = 5.0

log = get_logger(__name__)

Connect = Callable[[], Awaitable[Producer]]
InWords = Callable[[BaseException], str]


class Writer:
    """Makes records durable. Run `run` beside it; without a usable producer `append` fails at once."""

    def __init__(self, connect: Connect, ack_timeout: timedelta, in_words: InWords = error_name) -> None:
        """`connect` gives a started producer, or raises; RulesMismatch and SettingsError end `run`.

        `in_words` writes errors for the log and for readiness; answers to requests have no more than their names.
        """
        self._connect, self._in_words = connect, in_words
        self._lacking = "no connection to Kafka"
        # A record is given up before its request is: what was answered 500 must not be stored afterwards.
        self._patience = ack_timeout.total_seconds() * 0.9
        self._silence = min(SILENCE_S, ack_timeout.total_seconds() / 2)
        self._probation, self._unacknowledged = Probation(), Unacknowledged()
        self._commit: GroupCommit | None = None
        self._alone = asyncio.Lock()
        self._abandoned: set[asyncio.Task[None]] = set()

    @property
    def problem(self) -> str | None:
        """Why records cannot be written; None if they can."""
        # Not the probation: without traffic it would never end, and an unready ingress gets no traffic.
        return self._unacknowledged.problem(time.monotonic()) if self._commit else self._lacking

    async def append(self, record: Record) -> None:
        """Return once the record is durable (acks=all). Unavailable: not known to be. RecordRefused: never will."""
        commit = self._commit
        if commit is None:
            raise Unavailable("no connection to Kafka")
        if not self._probation.admits(time.monotonic()):
            raise Unavailable("Kafka does not acknowledge")
        try:
            await commit.append(record)
        except RefusedTogether:
            await self.append_alone(record)
        except Unavailable:
            self._unacknowledged.failed(time.monotonic())
            raise
        self._unacknowledged.acknowledged()
        if self._probation.active:
            self._probation.end()

    async def append_alone(self, record: Record) -> None:
        """As `append`, with a producer and a batch of its own: what Kafka then says, it says of this record."""
        try:
            async with asyncio.timeout(self._patience), self._alone:
                producer = await self._connect()
                try:
                    await GroupCommit(producer, time.monotonic, self._in_words).append(record)
                finally:
                    self._abandon(producer)
        except RecordRefused:
            raise
        except Exception as error:
            raise Unavailable(error_name(error)) from error

    async def run(self) -> None:
        """Keep a producer; returns only by RulesMismatch, SettingsError or cancellation."""
        while True:
            producer = await self._connected()
            commit = GroupCommit(producer, time.monotonic, self._in_words)
            try:
                raise_if_cancelled()
                self._commit = commit
                log.info("connected to Kafka")
                await self._watch(commit)
            finally:
                self._commit = None
                commit.close()
                self._abandon(producer)

    async def close(self, patience: float) -> None:
        """Wait up to `patience` seconds until the producers are gone; after `run` was cancelled."""
        if self._abandoned:
            await asyncio.wait(self._abandoned, timeout=patience)

    def _abandon(self, producer: Producer) -> None:
        # Beside the next producer's start: a Kafka that hangs makes this last.
        task = asyncio.create_task(producer.abandon())
        self._abandoned.add(task)
        task.add_done_callback(self._abandoned.discard)

    async def _connected(self) -> Producer:
        while True:
            try:
                async with asyncio.timeout(CONNECT_S):
                    return await self._connect()
            except (RulesMismatch, SettingsError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the ingress stays up and tries again
                why = self._in_words(error)
                self._lacking = f"no connection to Kafka: {why}"
                log.warning("no connection to Kafka", error=why)
            raise_if_cancelled()
            await asyncio.sleep(RETRY_S)

    async def _watch(self, commit: GroupCommit) -> None:
        """Return when this producer must be replaced."""
        while not commit.broken.done():
            await asyncio.wait({commit.broken}, timeout=self._patience / 40)
            now = time.monotonic()
            if commit.overdue(now, self._silence, self._patience):
                self._probation.begin(now)
                log.error("Kafka does not acknowledge; replacing the producer")
                return
        log.warning("replacing the producer", error=self._in_words(commit.broken.result()))
