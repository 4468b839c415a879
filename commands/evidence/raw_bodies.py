"""The bodies behind stubs, read from raw. A worker keeps only a stub of a body that is too large for topics by now."""

from contextlib import AsyncExitStack
from dataclasses import replace

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import Source, reader
from bridge.settings import Settings
from commands.evidence.kept import Kept
from commands.terminal.damage import Unreadable
from commands.terminal.records import Nothing, record_at
from schemas.headers import CE_DATASCHEMA, ERROR_OFFSET, ERROR_PARTITION, ERROR_TOPIC, STUB_SCHEMA
from schemas.oversize import stands_for

_FETCH_BYTES = 1 << 20
"""Small, because the bodies lie far from each other."""


class RawBodies:
    """Reads bodies with a consumer of its own, as the other one reads the shelf. It is started at the first stub;
    `closing` ends it."""

    def __init__(self, settings: Settings, closing: AsyncExitStack) -> None:
        self._settings, self._closing = settings, closing
        self._consumer: AIOKafkaConsumer | None = None

    async def whole(self, kept: Kept) -> Kept:
        """The record; if it is a worker's stub, with the whole body, if that can be read. KafkaError: no answer."""
        if (place := self._place(kept)) is None:
            return kept
        if self._consumer is None:
            self._consumer = await self._closing.enter_async_context(reader(self._settings, _FETCH_BYTES))
        try:
            found = await record_at(self._consumer, self._settings.topics.raw, place)
        except Unreadable:
            return kept
        if isinstance(found, Nothing) or not stands_for(kept.body, found.value or b""):
            return kept
        headers = {name: value for name, value in kept.headers.items() if name != CE_DATASCHEMA}
        return replace(kept, body=found.value or b"", headers=headers)

    def _place(self, kept: Kept) -> Source | None:
        if kept.headers.get(CE_DATASCHEMA) != STUB_SCHEMA or kept.text(ERROR_TOPIC) != self._settings.topics.raw:
            return None
        try:
            place = Source(int(kept.text(ERROR_PARTITION)), int(kept.text(ERROR_OFFSET)))
        except ValueError:
            return None  # no worker has written this
        # No broker ever tells the end of a partition that does not exist.
        return place if 0 <= place.partition < self._settings.partitions else None
