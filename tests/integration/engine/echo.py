"""A small app on the engine, in the test's own process. It passes every key on once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from faust.types import TP

from bridge.kafka.aiokafka_defects import mend_aiokafka
from processors.engine.expiry import MARGIN_MS, Expiry
from processors.engine.observer import LaneState
from processors.engine.options import EngineOptions
from processors.engine.overrides.app import LaneApp
from processors.engine.overrides.fetching import use_compiled_codec
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from processors.engine.store import TablePartition
from processors.engine.unit import Unit
from tests.integration.waiting import PATIENCE
from tests.unit.processors.engine.options import options_in


class Echo:
    """Topics, options and handler of one test. ``fail`` is called with each unit and may raise. Rows are forgotten
    after ``retention_ms``; None: never. ``epoch``: see ``Expiry``."""

    def __init__(self, bootstrap_servers: str, prefix: str, directory: Path) -> None:
        mend_aiokafka()  # as every worker does
        use_compiled_codec()
        self.servers, self.prefix, self.directory = bootstrap_servers, prefix, directory
        self.source, self.out, self.changelog = f"{prefix}.in", f"{prefix}.out", f"{prefix}.changelog"
        self.group = f"{prefix}.echo"
        self.retention_ms: int | None = 400 * MARGIN_MS
        self.epoch = 0
        self.fail: Callable[[Unit], None] = lambda _unit: None
        self.refusals = RefusalsByLane()
        """A new process has others."""
        self.admin = AdminClient({"bootstrap.servers": bootstrap_servers})
        self.create(self.source, self.out, self.changelog)

    def create(self, *topics: str) -> None:
        for created in self.admin.create_topics([NewTopic(topic, 1, 1) for topic in topics]).values():
            created.result(30)

    def delete(self, topic: str) -> None:
        for deleted in self.admin.delete_topics([topic]).values():
            deleted.result(30)

    def options(self) -> EngineOptions:
        expiry = None if self.retention_ms is None else Expiry(self.retention_ms, time_of=int, epoch=self.epoch)
        return options_in(
            self.directory,
            group_id=self.group,
            client={"bootstrap_servers": [self.servers]},
            outputs=(self.out,),
            advertised_url="http://127.0.0.1:1",
            expiry={} if expiry is None else {"seen": expiry},
            session_timeout=6.0,
            transaction_timeout=6.0,
            chunk_records=10,
        )

    def produce(self, *keys: str, timestamp: int = 0, value: bytes = b"value", to: str | None = None) -> None:
        """Write records with these keys, by default to the source. A ``timestamp`` (ms) of 0 is now."""
        producer = Producer({"bootstrap.servers": self.servers})
        for key in keys:
            producer.produce(to or self.source, value, key=key.encode(), partition=0, timestamp=timestamp)
        assert producer.flush(30) == 0

    @asynccontextmanager
    async def app(self) -> AsyncIterator[LaneApp]:
        tables, changelogs = {self.source: ("seen",)}, {"seen": self.changelog}
        options = self.options()
        rival = Rival(options.session_timeout)
        app = LaneApp(options, tables, changelogs, 1, _Silent(), self.refusals, rival)
        app.handle(self.source, "echo", self)
        await app.start()
        try:
            yield app
        finally:
            await app.end(15)

    @asynccontextmanager
    async def app_beside(self, work: Callable[[LaneApp], Coroutine[Any, Any, NoReturn]]) -> AsyncIterator[LaneApp]:
        """The app, and what a worker does beside it."""
        async with self.app() as app:
            beside = asyncio.create_task(work(app))
            try:
                yield app
            finally:
                beside.cancel()
                await asyncio.wait([beside])

    @asynccontextmanager
    async def app_when_created_again(self, topic: str) -> AsyncIterator[LaneApp]:
        """The app, once ``topic``, whose deletion is under way, exists again."""
        async with asyncio.timeout(PATIENCE):
            while topic in self.admin.list_topics(timeout=PATIENCE).topics:
                await asyncio.sleep(0.05)
        self.create(topic)
        async with self.app() as app:
            yield app

    def process(self, unit: Unit) -> None:
        """Pass a unit's keys on. ``fail`` comes at the end, when much is done."""
        for record in unit.records:
            if unit.get_many("seen", [record.key]) == [None]:
                unit.put("seen", record.key, b"%d" % record.timestamp, record.timestamp)
                unit.emit(self.out, 0, record.key, record.value, record.timestamp)
        self.fail(unit)

    def refuse(self, unit: Unit, error: Exception) -> None:
        """Pass the key on, marked."""
        [record] = unit.records
        unit.emit(self.out, 0, b"refused: " + record.key, repr(error).encode(), record.timestamp)

    async def until(self, app: LaneApp, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                assert not app.crashed, app.crash_reason
                await asyncio.sleep(0.05)

    def table(self, app: LaneApp) -> TablePartition:
        """The table's partition, whose lane runs."""
        table = app.lane_table("seen", self.source, 0)
        assert table is not None
        return table

    def state(self, app: LaneApp) -> LaneState | None:
        return app.lanes.states().get(TP(self.source, 0))

    async def opened(self, app: LaneApp) -> None:
        await self.until(app, lambda: self.state(app) is LaneState.READY)

    async def caught_up(self, app: LaneApp, offset: int) -> None:
        await self.until(app, lambda: app.lanes.positions().get(TP(self.source, 0), -1) >= offset)

    def passed_on(self) -> list[str]:
        """Keys in the output, as a read_committed consumer finds them."""
        end = self._end(self.out)
        with self._consumer(f"{self.prefix}.reader") as consumer:
            consumer.assign([TopicPartition(self.out, 0, 0)])
            found: list[str] = []
            while consumer.position([TopicPartition(self.out, 0)])[0].offset < end:
                message = consumer.poll(PATIENCE)
                assert message is not None
                if message.error() is None:
                    found.append(message.key().decode())
                elif message.error().name() == "_PARTITION_EOF" and message.offset() >= end:
                    break  # before that it is the end of what is committed, until the last marker is written
            return found

    async def lose_rows(self) -> LaneApp:
        """Process two keys. Between them Kafka deletes the changelog's rows, which it may not. Returns the ended
        app."""
        self.retention_ms = None
        self.produce("a")
        async with self.app() as app:
            await self.caught_up(app, 1)
        self.delete_all(self.changelog)
        self.produce("b")
        async with self.app() as app:
            await self.caught_up(app, 2)
        return app

    def delete_all(self, *topics: str) -> None:
        """What their logs hold, as retention does."""
        upto = [TopicPartition(topic, 0, self._end(topic)) for topic in topics]
        for deleted in self.admin.delete_records(upto).values():
            deleted.result(30)

    def set_group_offset(self, offset: int) -> None:
        """As an operator does, while no worker runs."""
        with self._consumer(self.group) as consumer:
            consumer.commit(offsets=[TopicPartition(self.source, 0, offset)], asynchronous=False)

    def _end(self, topic: str) -> int:
        """Of the whole log, with a transaction that Kafka has answered, and whose marker it has not written yet."""
        with self._consumer(f"{self.prefix}.reader", "read_uncommitted") as consumer:
            return int(consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=PATIENCE)[1])

    @contextmanager
    def _consumer(self, group: str, isolation: str = "read_committed") -> Iterator[Consumer]:
        consumer = Consumer(
            {
                "bootstrap.servers": self.servers,
                "group.id": group,
                "isolation.level": isolation,
                "enable.partition.eof": True,
                "enable.auto.commit": False,
            }
        )
        try:
            yield consumer
        finally:
            consumer.close()


class _Silent:
    def lane_state(self, tp: TP, state: LaneState) -> None: ...
    def unit_committed(self, tp: TP, records: Sequence[Any], seconds: float) -> None: ...
    def record_refused(self, tp: TP) -> None: ...
    def passed_over(self, tp: TP, offsets: range) -> None: ...
    def purged(self, table: str, rows: int) -> None: ...
    def recovered(self, table: str, rows: int, seconds: float) -> None: ...
