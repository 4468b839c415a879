"""The way into Kafka: one producer at a time, replaced when it is of no more use."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from bridge.ending import raise_if_cancelled
from bridge.intake import NewRecord
from bridge.log import get_logger
from bridge.refusals import FatalRefusal, Refusal
from ingress.answers import Unavailable
from ingress.causes import OBJECTIONS, DeliveryCause
from ingress.group_commit import GroupCommit, Producer, Replaced
from ingress.unacknowledged import Unacknowledged

CONNECT_S: Final = 10.0
RETRY_S: Final = 1.0
_NO_CONNECTION: Final = "no connection to Kafka"
_AWAY: Final = (_NO_CONNECTION, DeliveryCause.NO_CONNECTION)

log = get_logger(__name__)

Connect = Callable[[], Awaitable[Producer]]
InWords = Callable[[BaseException], str]


class Writer:
    """Makes records durable. Run `run` beside it; without a usable producer `append` fails at once."""

    def __init__(self, connect: Connect, ack_timeout: timedelta, max_in_flight: int, in_words: InWords) -> None:
        """`connect` gives a started producer, or raises; a FatalRefusal ends `run`.

        `in_words` writes errors for the log and for readiness; answers to requests have only their names.
        """
        self._connect, self._in_words = connect, in_words
        self._lacking, self._refusal = _NO_CONNECTION, _AWAY
        self._deadline = ack_timeout.total_seconds()
        # A record is given up before its request is.
        self._patience = self._deadline * 0.9
        self._most_waiting = max(1, max_in_flight // 8)
        self._unacknowledged = Unacknowledged()
        self._commit: GroupCommit | None = None
        self._abandoned: set[asyncio.Task[None]] = set()

    @property
    def problem(self) -> str | None:
        """Why records cannot be written; None if they can."""
        return self._unacknowledged.problem(time.monotonic()) if self._commit else self._lacking

    async def append(self, record: NewRecord) -> None:
        """Return once the record is durable (acks=all). Unavailable: it is not known to be, at the latest when the
        timeout is over. RecordRefused: it never will be."""
        began_at = time.monotonic()
        try:
            await self._current().append(record)
        except Replaced:  # the next producer is there already, or none will come
            await self._append_again(record, began_at)
        except Unavailable as error:
            if error.cause not in OBJECTIONS:
                self._unacknowledged.failed(time.monotonic())
            raise
        self._unacknowledged.acknowledged()

    async def _append_again(self, record: NewRecord, began_at: float) -> None:
        try:
            await self._current().append(record, began_at)
        except (Unavailable, Replaced) as error:
            self._unacknowledged.failed(time.monotonic())
            raise Unavailable("the producer was replaced", DeliveryCause.NOT_ACKNOWLEDGED) from error

    async def run(self) -> None:
        """Keep a producer; ends only by FatalRefusal or cancellation."""
        try:
            while True:
                producer = await self._connected()
                self._go_on_with(producer)
                raise_if_cancelled()
                log.info("connected to Kafka")
                self._lacking, self._refusal = _NO_CONNECTION, _AWAY
                await self._watch(producer)
                log.error("the producer is of no more use; it is replaced")
        finally:
            self._go_on_with(None)

    async def close(self, patience: float) -> None:
        """Wait up to `patience` seconds until the producers are gone; after `run` was cancelled."""
        if self._abandoned:
            await asyncio.wait(self._abandoned, timeout=patience)

    def _current(self) -> GroupCommit:
        if self._commit is None:
            raise Unavailable(*self._refusal)
        return self._commit

    def _go_on_with(self, producer: Producer | None) -> None:
        """Replace the producer: what waits for the one before is tried again with this one."""
        before, self._commit = self._commit, self._commit_through(producer) if producer else None
        if before:
            before.close()
            # Beside the next producer's work: if Kafka hangs, this takes long.
            task = asyncio.create_task(before.producer.abandon())
            self._abandoned.add(task)
            task.add_done_callback(self._abandoned.discard)

    def _commit_through(self, producer: Producer) -> GroupCommit:
        return GroupCommit(
            producer,
            time.monotonic,
            self._in_words,
            patience=self._patience,
            deadline=self._deadline,
            most_waiting=self._most_waiting,
        )

    async def _connected(self) -> Producer:
        while True:
            try:
                async with asyncio.timeout(CONNECT_S):
                    return await self._connect()
            except FatalRefusal:
                raise
            except Unavailable as objection:
                self._lack(str(objection), (str(objection), objection.cause))
            except Refusal as refusal:  # of the bridge, as missing topics: Kafka has answered
                self._lack(self._in_words(refusal), _AWAY)
            except Exception as error:  # noqa: BLE001 - whatever it is, the ingress stays up and tries again
                self._lack(f"{_NO_CONNECTION}: {self._in_words(error)}", _AWAY)
            raise_if_cancelled()
            await asyncio.sleep(RETRY_S)

    def _lack(self, why: str, refusal: tuple[str, DeliveryCause]) -> None:
        """Connecting is tried again each second; the log has what is new."""
        if why != self._lacking:
            log.warning(why)
        self._lacking, self._refusal = why, refusal

    async def _watch(self, producer: Producer) -> None:
        """Return when this producer must be replaced."""
        ends = {asyncio.create_task(each) for each in (producer.ended(), self._current().stuck.wait())}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
