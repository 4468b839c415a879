"""Finds out, by a client of its own, whether orders have joined everything that raw held at some moment.

What raw held is processed once the group's offsets, of all workers, have reached the ends that raw had. What the orders
topic holds then is joined once its lanes have come so far.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn

from aiokafka import TopicPartition
from faust.types import TP

from bridge.ending import raise_if_cancelled
from bridge.kafka.admin import admin_client
from bridge.kafka.client import client_options
from bridge.kafka.group import further
from bridge.kafka.reading import Offsets, partitions, reader
from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.settings import Settings
from processors.engine.chunk import named
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.outages import Unanswered
from processors.engine.passing import Readings

log = get_logger(__name__)

_PAUSE_S: Final = 1.0
"""Between two rounds: questions that come meanwhile share one round."""
_LONGEST_PAUSE_S: Final = 60.0
"""If the group gets nowhere, and after failures."""
_FETCH_BYTES: Final = 64 << 10
"""Of each partition at once: enough to see whether it has records at all."""


@dataclass(slots=True)
class Question:
    """A question about a partition `tp` of the orders topic; `end`: where it ended when raw was processed, None before
    that."""

    tp: TP
    end: int | None = None
    readings: Readings = dict

    def is_answered(self, position: int) -> bool:
        """Whether the lane, which stands at this offset, has joined all up to `end`. Behind the last record lie
        transaction markers, which only the consumer sees."""
        if self.end is None or position >= self.end:
            return self.end is not None
        reading = self.readings().get(self.tp)
        return reading is not None and reading.delivered <= position and reading.position >= self.end


class UnknownEndError(Exception):
    """It is not known where a log ends."""


class CaughtUp:
    """Takes questions, and answers them while it runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._topics = settings, settings.topics
        self._asked: list[Question] = []
        self._wake = asyncio.Event()

    def ask(self, partition: int) -> Question:
        """Ask whether this partition's orders have joined everything that raw holds at present."""
        question = Question(TP(self._topics.orders, partition))
        self._asked.append(question)
        self._wake.set()
        return question

    async def run(self, readings: Readings) -> NoReturn:
        """Answer questions until cancelled."""
        ends = LogEnds(client_options(self._settings))
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                asked, self._asked = self._asked, []
                held = await self._keep_asking(ends)
                for question in asked:
                    question.end, question.readings = held[TopicPartition(*question.tp)], readings
                await asyncio.sleep(_PAUSE_S)
        finally:
            await ends.close()

    async def _keep_asking(self, ends: LogEnds) -> Offsets:
        pause = _PAUSE_S
        while True:
            try:
                return await self._round(ends)
            except Exception as error:  # noqa: BLE001 - whatever Kafka says; until it answers, no order is incomplete
                log.warning("it is not known how far orders are joined", reason=in_words(error, self._settings))
            raise_if_cancelled()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _round(self, ends: LogEnds) -> Offsets:
        """Where the orders topic ends once everything that raw holds now is processed."""
        begins, held = await self._bounds(ends, self._topics.raw)
        await self._until_processed(begins, held)
        return (await self._bounds(ends, self._topics.orders))[1]

    async def _bounds(self, ends: LogEnds, topic: str) -> tuple[Offsets, Offsets]:
        """Where the logs of a topic begin and end. The end is the high watermark: a transaction that the group's
        coordinator shows as committed may not be committed yet in its other partitions. UnknownEndError: a leader does
        not answer."""
        found = await ends.bounds(partitions(self._settings, [topic]))
        known = {tp: bounds for tp, bounds in found.items() if isinstance(bounds, LogBounds)}
        if unknown := [f"{named(tp)}: {why.reason}" for tp, why in found.items() if isinstance(why, Unanswered)]:
            raise UnknownEndError("; ".join(unknown))
        return {tp: log.begin for tp, log in known.items()}, {tp: log.high_watermark for tp, log in known.items()}

    async def _until_processed(self, begins: Offsets, ends: Offsets) -> None:
        if begins == ends:
            return
        async with admin_client(self._settings) as admin, reader(self._settings, _FETCH_BYTES) as consumer:
            done, pause = begins, _PAUSE_S
            while (moved := await further(admin, self._settings.group_id, consumer, done, ends)) != ends:
                behind = sum(ends.values()) - sum(moved.values())
                log.info("orders may be incomplete: raw is not processed yet", offsets_behind=behind)
                pause = min(2 * pause, _LONGEST_PAUSE_S) if moved == done else _PAUSE_S
                done = moved
                await asyncio.sleep(pause)
        raise_if_cancelled()
