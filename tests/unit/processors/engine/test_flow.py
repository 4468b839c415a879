"""What the consumer makes of rebalances during a fetch, unreadable partitions, heartbeats and lost memberships. Without
Kafka."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.overrides.consumer import LaneConsumer
from processors.engine.overrides.consumer_thread import LaneConsumerThread, _join
from processors.engine.overrides.fetching import UnreadableError
from processors.engine.overrides.rivals import noticing
from processors.engine.prefetch import Fetched, Most
from tests.unit.processors.engine.records import record

SOURCE = TP("source", 0)


class Log:
    """A consumer thread with one record at offset 9. A fetch takes the record unless the position is behind it.

    A rebalance overtakes the first fetch: the flow ends, recovery seeks, and the flow goes on. Only then does the fetch
    return what came since the seek.
    """

    def __init__(self, consumer: "Draining") -> None:
        self.consumer, self.position, self.fetches = consumer, 9, 0

    async def place(self, offsets: Mapping[TP, int]) -> None:
        self.position = offsets[SOURCE]

    async def read(self, _free: set[TP], _wait: float, _most: Most) -> dict[TP, Fetched]:
        self.fetches += 1
        if self.fetches == 1:
            self.consumer.stop_flow()
            await self.consumer.perform_seek()
            self.consumer.resume_flow()
        start, self.position = self.position, 10
        return {SOURCE: Fetched(9, 10, [record(9)], 0, 4)} if start == 9 else {}


class Draining(LaneConsumer):
    """A consumer that only drains, until a chunk was delivered or nothing more comes."""

    def __init__(self) -> None:
        lanes = SimpleNamespace(
            reading_from=lambda: {SOURCE: 9}, options=SimpleNamespace(chunk_records=10, chunk_bytes=1000)
        )
        self.app = SimpleNamespace(lanes=lanes, should_stop=True, consumer_generation_id=1)
        self.flow_active = True
        self.can_resume_flow, self.suspend_flow = asyncio.Event(), asyncio.Event()
        self.delivered: list[Chunk] = []
        self._thread: Any = Log(self)
        self.callback = self._take

    @property
    def should_stop(self) -> bool:
        return bool(self.delivered) or self._thread.fetches > 5

    def _get_active_partitions(self) -> set[TP]:
        return {SOURCE}

    async def _take(self, message: Any) -> None:
        self.delivered.append(message.value)

    async def wait_first(self, *work: Any) -> None:
        tasks = [asyncio.ensure_future(each) for each in work]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


async def test_what_a_rebalance_dropped_is_read_again_without_another_record() -> None:
    consumer = Draining()
    await consumer._drain_messages(SimpleNamespace(should_stop=False))
    assert [(chunk.start, chunk.end) for chunk in consumer.delivered] == [(9, 10)]


async def test_a_partition_that_cannot_be_read_takes_nothing_from_others() -> None:
    """Records of other partitions that the same call gave out are lost with the error, so all positions are set
    back."""
    other, told, placed = TP("source", 1), list[Any](), dict[TP, int]()
    thread: Any = object.__new__(LaneConsumerThread)
    thread._cursor = {SOURCE: 4, other: 9}
    thread.parent_loop = SimpleNamespace(call_soon_threadsafe=lambda tell, *said: told.append((tell, *said)))
    thread.app = SimpleNamespace(lanes=SimpleNamespace(unreadable="unreadable"))
    reason = ValueError("damaged")

    async def fails(*_: object) -> None:
        raise UnreadableError(TopicPartition(*SOURCE), 4, reason)

    thread._fetch_records = fails
    consumer: Any = SimpleNamespace(assignment=lambda: {SOURCE, other}, seek=placed.__setitem__)
    thread._ensure_consumer = lambda: consumer
    assert await thread._unpack(consumer, {SOURCE, other}, 0, 10) == {}
    assert placed == {SOURCE: 4, other: 9}
    assert told == [("unreadable", SOURCE, 4, reason)]


def fetched(start: int, end: int, interruptions: int = 0) -> dict[TP, Fetched]:
    return {SOURCE: Fetched(start, end, [record(start)], interruptions, 4)}


def test_what_was_unpacked_in_pieces_is_one_interval() -> None:
    found = fetched(1, 4)
    assert _join(found, fetched(4, 6))
    assert found == {SOURCE: Fetched(1, 6, [record(1), record(4)], 0, 8)}


def test_what_does_not_follow_or_came_after_an_interruption_is_no_part_of_it() -> None:
    """The first piece shows only that the log is the same before the interruption, not behind it."""
    found = fetched(1, 4)
    assert not _join(found, fetched(5, 6))
    assert not _join(found, fetched(4, 6, interruptions=1))
    assert found == fetched(1, 4)


async def test_a_heartbeat_counts_from_its_beginning_on() -> None:
    """If a process is frozen, or its system suspended, during a heartbeat, it finds the answer when it wakes up, long
    after another worker replaced it."""
    now = [100.0]
    thread: Any = object.__new__(LaneConsumerThread)
    thread.app = SimpleNamespace(lanes=SimpleNamespace(options=SimpleNamespace(clock=lambda: now[0])))

    async def answered(accepted: bool) -> bool:
        now[0] += 3600
        return accepted

    assert await thread._observed(lambda: answered(True))()
    assert thread.last_heartbeat == 100.0
    assert not await thread._observed(lambda: answered(False))()
    assert thread.last_heartbeat == 100.0


_HEARTBEAT = HeartbeatRequest("group", 1, "member")
_JOIN = JoinGroupRequest("group", 6000, 6000, "member", "worker-0", "consumer", [])
_SYNC = SyncGroupRequest("group", 1, "member", "worker-0", [])


@pytest.mark.parametrize(
    ("request_sent", "code", "instance_id", "is_member", "counts"),
    [
        (_HEARTBEAT, 25, "worker-0", True, True),
        (_HEARTBEAT, 25, "worker-0", False, False),  # it was frozen: its session has ended
        (_HEARTBEAT, 22, "worker-0", True, False),  # it did not join a rebalance in time, and is a member still
        (_HEARTBEAT, 16, "worker-0", True, False),  # the coordinator is another broker
        (_HEARTBEAT, 25, None, True, False),  # it did not join a rebalance in time
        (_JOIN, 82, "worker-0", False, True),
        (_SYNC, 82, "worker-0", True, True),
        (_JOIN, 25, "worker-0", True, False),
    ],
)
async def test_a_static_member_that_is_unknown_within_its_session_was_taken_over(
    request_sent: Any, code: int, instance_id: str | None, is_member: bool, counts: bool
) -> None:
    """aiokafka gets the answer as UNKNOWN_MEMBER_ID (25), since it ends on any answer that it does not know."""
    losses = list[float]()
    options = SimpleNamespace(clock=lambda: 100.0, instance_id=instance_id, heartbeat_interval=0.01)
    app: Any = SimpleNamespace(
        lanes=SimpleNamespace(options=options),
        is_member=lambda: is_member,
        rival=SimpleNamespace(took_over=losses.append),
    )

    async def send(_request: Any) -> Any:
        return SimpleNamespace(error_code=code)

    coordinator = SimpleNamespace(_closing=asyncio.get_running_loop().create_future())
    answer = await noticing(coordinator, app, send)(request_sent)
    assert losses == ([100.0] if counts else [])
    assert answer.error_code == (25 if code == 82 else code)
