"""Faust's aiokafka consumer, delivering chunks and committing nothing by itself."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from processors.engine.chunk import Chunk
from processors.engine.overrides.consumer_thread import LaneConsumerThread
from processors.engine.prefetch import Fetched, Most, PrefetchLimit, split

_CHUNKS_IN_MEMORY = 4
_LARGEST_CHUNKS_IN_MEMORY = 2
"""Chunks of as many bytes as one may have; four chunks of usual events have less."""


class LaneConsumer(driver.Consumer):
    """Hands each partition's records to the agents as chunks."""

    _thread: LaneConsumerThread

    def _new_consumer_thread(self) -> LaneConsumerThread:
        return LaneConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def thread(self) -> LaneConsumerThread:
        """Where the group consumer runs."""
        return self._thread

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Nothing: units commit their offsets inside their transactions."""
        return False

    async def perform_seek(self) -> None:
        """Have every lane read on from where it stands. Recovery calls this before it lets the flow go on."""
        await self._thread.place(self.app.lanes.reading_from())

    async def verify_all_partitions_active(self) -> None:
        """Nothing: upstream's livelock detection looks at acknowledgements, which chunks do not use."""

    def stop_flow(self) -> None:
        """As upstream, which drops every undelivered chunk: none counts as read ahead any more."""
        super().stop_flow()
        self._limit = self._new_limit()

    async def _drain_messages(self, fetcher: Any) -> None:
        """As upstream, but a chunk at a time, only for lanes that run, and with a limit per partition: one busy
        partition must neither fill the memory nor keep the others waiting.

        A flow begins with a seek of its own. What was fetched for the flow before, perhaps after the recovery's seek,
        was dropped, and without another record nothing would bring it back.
        """
        self._limit = self._new_limit()
        limit = None  # each flow has its own: what was taken before a rebalance is not given back to the next flow's
        try:
            while not (self.should_stop or fetcher.should_stop):
                await asyncio.sleep(0)
                if not self.flow_active:
                    await self.wait(self.can_resume_flow)
                    continue
                if limit is not self._limit:
                    limit = self._limit
                    await self.perform_seek()
                    continue
                running = self._get_active_partitions() & self.app.lanes.reading_from().keys()
                free = limit.free(running, time.monotonic())
                for partitions, most in free:
                    wait = 1.0 if len(partitions) == len(running) else 0.02
                    read = await self._thread.read(set(partitions), wait, most or self._whole_chunk())
                    await self._deliver(read, limit, is_whole=most is None)
                if not free:
                    await limit.freed(timeout=0.25)
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    def _new_limit(self) -> PrefetchLimit:
        options = self.app.lanes.options
        return PrefetchLimit(_CHUNKS_IN_MEMORY * options.chunk_records, _LARGEST_CHUNKS_IN_MEMORY * options.chunk_bytes)

    def _whole_chunk(self) -> Most:
        return Most(self.app.lanes.options.chunk_records, self.app.lanes.options.chunk_bytes)

    async def _deliver(self, fetched: Mapping[TP, Fetched], limit: PrefetchLimit, *, is_whole: bool) -> None:
        options = self.app.lanes.options
        for tp, each in fetched.items():
            for part in split(each, options.chunk_records, options.chunk_bytes):
                if limit is not self._limit or not self.flow_active:
                    return  # the next flow reads it again
                release = limit.take(tp, part, is_whole=is_whole)
                chunk = Chunk(tp, part.start, part.end, part.records, release, part.interruptions)
                await self.wait_first(self.callback(self._chunk_message(chunk)), self.suspend_flow.wait())

    def _chunk_message(self, chunk: Chunk) -> ConsumerMessage:
        tp, first, last = chunk.tp, chunk.records[0], chunk.records[-1]
        return ConsumerMessage(
            topic=tp.topic,
            partition=tp.partition,
            offset=last.offset,
            timestamp=first.timestamp / 1000,
            timestamp_type=first.timestamp_type,
            headers=None,
            key=None,
            value=chunk,
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )
