"""The group consumer's thread: fetches what lanes read, and watches itself."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata, PartitionMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from processors.engine.chunk import size_of
from processors.engine.errors import NoAnswerError
from processors.engine.lag import Reading
from processors.engine.options import EngineOptions
from processors.engine.overrides.fetch_links import FetchLinks
from processors.engine.overrides.fetching import UnreadableError
from processors.engine.overrides.offsets import fetch_committed
from processors.engine.overrides.rivals import give_way
from processors.engine.position import Committed
from processors.engine.prefetch import Fetched, Most

_ANSWER_S = 5.0
"""For what a lane asks when it is opened: a longer question would keep the thread from fetching for the others."""
_PUBLISH_S = 0.5
_BELONGING_S = 0.2
_FETCH_WAIT_MS = 50
"""aiokafka has one fetch in flight per broker, so the long poll of an idle partition delays a busy one."""
_SOURCES_METADATA_AGE_MS = 5_000
"""For the sources alone. A source that was deleted and made anew has no lanes until the group's leader has heard of
it."""
_FETCHED_BYTES = 32 << 20
"""Of all partitions, compressed: less than fetch_max_bytes, or the partitions asked last would get nothing."""
_STEP = 4
"""Records to unpack before the first look at their size; from look to look this many times as many, at most. A fetch is
bounded in compressed bytes only."""


class LaneConsumerThread(driver.AIOKafkaConsumerThread):
    """Runs the group consumer in its own thread and event loop, so that heartbeats do not wait for work."""

    last_heartbeat: float = 0.0
    """When the last heartbeat began that the coordinator accepted, by the clock of the options."""
    readings: Mapping[TP, Reading] = MappingProxyType({})
    """How far each assigned partition was read that a lane has placed."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        """As upstream, with our client options, read_committed (Faust ties it to its own transactions), a short
        fetch wait, and no silent reset of an offset that the log does not have."""
        options, conf = self.app.lanes.options, self.app.conf
        self._cursor: dict[TopicPartition, int] = {}
        self._assignor = self.app.assignor
        return AIOKafkaConsumer(
            **options.client,
            client_id=conf.broker_client_id,
            group_id=options.group_id,
            group_instance_id=_instance_id(options),
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_poll_records=options.chunk_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=min(
                options.chunk_bytes, _fetch_bytes(len(self.app.agents) * conf.topic_partitions)
            ),
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=_SOURCES_METADATA_AGE_MS,
            check_crcs=conf.broker_check_crcs,
        )

    async def on_start(self) -> None:
        """As upstream, then watch the group. aiokafka does not note accepted heartbeats. If its coordination or its
        fetching ends with an error, it only logs that. The next fetch raises what the coordinator refuses, but before
        the first assignment there is no fetch. If its client's metadata task ends, it waits for ever."""
        await super().on_start()
        self._publish_readings()
        consumer = self._ensure_consumer()
        self._links = FetchLinks(consumer._client)
        coordinator = consumer._coordinator
        push = coordinator._push_error_to_user

        def refused(error: Exception) -> Awaitable[Any]:
            self._crash_app(error)
            heard: Awaitable[Any] = push(error)
            return heard

        coordinator._do_heartbeat = self._observed(coordinator._do_heartbeat)
        give_way(coordinator, self.app)
        coordinator._push_error_to_user = refused
        coordinator._coordination_task.add_done_callback(self._vital_task_ended)
        fetcher = consumer._fetcher  # its task ends with what its fetches raise
        fetcher._fetch_task.add_done_callback(partial(self._fetching_ended, fetcher))
        consumer._client._sync_task.add_done_callback(self._metadata_ended)

    def _observed(self, heartbeat: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        """Note when an accepted heartbeat began: its answer may have waited here while this process was frozen."""

        async def observed() -> bool:
            began = self.app.lanes.options.clock()
            accepted = await heartbeat()
            if accepted:
                self.last_heartbeat = began
            return accepted

        return observed

    def _metadata_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._ensure_consumer()._client._sync_task = None  # closing the client would raise the error again
        self._vital_task_ended(task)

    def _fetching_ended(self, fetcher: Any, task: asyncio.Task[None]) -> None:
        fetcher._fetch_task = asyncio.get_running_loop().create_future()  # as above
        fetcher._fetch_task.set_result(None)
        self._vital_task_ended(task)

    def _vital_task_ended(self, task: asyncio.Task[None]) -> None:
        if not self.should_stop and not task.cancelled():
            self._crash_app(task.exception() or RuntimeError(f"{task.get_coro()} has ended"))

    def _crash_app(self, error: BaseException) -> None:
        asyncio.run_coroutine_threadsafe(self.app.crash(error), self.parent_loop)

    async def read(self, partitions: set[TP], timeout: float, most: Most) -> dict[TP, Fetched]:
        """What was fetched of these partitions; waits for it, at most ``timeout`` seconds."""
        found: dict[TP, Fetched] = await self.call_thread(
            self._read, self._ensure_consumer(), partitions, timeout, *most
        )
        return found

    async def _read(
        self, consumer: AIOKafkaConsumer, active_partitions: set[TP], timeout: float, most: int, most_bytes: int
    ) -> dict[TP, Fetched]:
        """As upstream's ``_fetch_records``, with the exact log interval of each partition's records. All together are
        at most ``most`` records and ``most_bytes``; the last step's records may exceed the bytes."""
        step = _STEP
        found: dict[TP, Fetched] = {}
        while most > 0 and most_bytes > 0:
            more = await self._unpack(consumer, active_partitions, 0 if found else timeout, min(step, most))
            if not more or not _join(found, more):
                break
            count, size = sum(len(each.records) for each in more.values()), sum(each.size for each in more.values())
            most, most_bytes = most - count, most_bytes - size
            step = min(_STEP * step, max(1, most_bytes * count // max(size, 1)))
        return found

    async def _unpack(
        self, consumer: AIOKafkaConsumer, active_partitions: set[TP], timeout: float | None, max_records: int
    ) -> dict[TP, Fetched]:
        """Each interval ends at the position, which is behind transaction markers and gaps."""
        try:
            fetched = await self._fetch_records(consumer, active_partitions, timeout, max_records)
        except NoOffsetForPartitionError:
            return {}  # of a partition that no lane has placed yet
        except OffsetOutOfRangeError as error:
            self.parent_loop.call_soon_threadsafe(self.app.lanes.out_of_range, [TP(*tp) for tp in error.args[0]])
            return {}
        except UnreadableError as error:
            await self._place({tp: self._cursor[tp] for tp in active_partitions if tp in self._cursor})
            told = TP(*error.tp), error.position, error.reason
            self.parent_loop.call_soon_threadsafe(self.app.lanes.unreadable, *told)
            return {}
        found = {}
        for tp, records in fetched.items():  # no await between the fetch and reading the positions
            state = consumer._subscription.subscription.assignment.state_value(tp)
            end = records[-1].offset + 1 if state is None else state._position
            start = self._cursor.get(tp)
            if start is not None and records[0].offset < start:
                start = None  # a position from before this assignment
            found[TP(*tp)] = Fetched(start, end, records, self._links.interruptions(tp), size_of(records))
            self._cursor[tp] = end
        return found

    async def place(self, offsets: Mapping[TP, int]) -> None:
        """Read on from these offsets; partitions that are no longer assigned are left out."""
        await self.call_thread(self._place, offsets)

    async def _place(self, offsets: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        for tp, offset in offsets.items():
            partition = TopicPartition(*tp)
            if partition in consumer.assignment():
                consumer.seek(partition, offset)
                self._cursor[partition] = offset

    def follow(self, leaders: Mapping[TP, int]) -> None:
        """Have each partition fetched from the broker (node id) that leads it. By itself this consumer asks for leaders
        every 5 s, and whichever broker it asks may be cut off from its peers."""
        self.thread_loop.call_soon_threadsafe(self._follow, leaders)

    def _follow(self, leaders: Mapping[TP, int]) -> None:
        client = self._ensure_consumer()._client
        known: dict[str, dict[int, PartitionMetadata]] = client.cluster._partitions
        for tp, leader in leaders.items():
            partition = known.get(tp.topic, {}).get(tp.partition)
            if client.cluster.broker_metadata(leader) is None or partition is None:
                client.force_metadata_update()
            elif partition.leader != leader:
                known[tp.topic][tp.partition] = partition._replace(leader=leader)

    async def belonging(self) -> None:
        """Return once this worker is a member of the group; at once after an assignment."""
        while not self.app.is_member():  # noqa: ASYNC110 - it is, or is not, by the clock
            await asyncio.sleep(_BELONGING_S)

    async def committed(self, tp: TP) -> Committed | None:
        """Committed offset of a partition; None: there is none."""
        found = (await self.call_thread(self._committed, [TopicPartition(*tp)])).get(TopicPartition(*tp))
        return found and Committed.read(found.offset, found.metadata)

    async def _committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, OffsetAndMetadata]:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await fetch_committed(self._ensure_consumer()._coordinator, partitions)
        except TimeoutError:  # an opening would take it for its own
            raise NoAnswerError("the group's coordinator does not answer") from None

    def _publish_readings(self) -> None:
        """Set ``readings`` twice a second, between two fetches, so that position and delivery belong together."""
        if self.should_stop:
            return
        asyncio.get_running_loop().call_later(_PUBLISH_S, self._publish_readings)
        subscription = self._ensure_consumer()._subscription.subscription
        if subscription is None or subscription.assignment is None:  # between two assignments
            self.readings = {}
            return
        assignment = subscription.assignment
        states = {tp: state for tp in assignment.tps if (state := assignment.state_value(tp)) is not None}
        self.readings = {
            TP(*tp): Reading(self._cursor[tp], state._position, state.lso or 0, self._links.interruptions(tp))
            for tp, state in states.items()
            if tp in self._cursor and state._position is not None
        }


def _join(found: dict[TP, Fetched], more: Mapping[TP, Fetched]) -> bool:
    """Add what follows. False: something does not, since the consumer was placed elsewhere or reading was
    interrupted."""
    for tp, new in more.items():
        known = found.get(tp)
        if known is None:
            found[tp] = new
        elif (new.start, new.interruptions) == (known.end, known.interruptions):
            records, size = [*known.records, *new.records], known.size + new.size
            found[tp] = Fetched(known.start, new.end, records, new.interruptions, size)
        else:
            return False
    return True


def _fetch_bytes(partitions: int) -> int:
    """Compressed bytes to fetch of each of so many partitions; a larger batch comes whole."""
    return max(64 << 10, min(4 << 20, _FETCHED_BYTES // partitions))


def _instance_id(options: EngineOptions) -> str | None:
    """The static member id. Kafka hands a returning member its old assignment without asking the leader, and Faust
    fails if its own address is not in that. So a worker that returns at another address is another member."""
    if options.instance_id is None:
        return None
    return f"{options.instance_id}-{zlib.crc32(options.advertised_url.encode()):08x}"
