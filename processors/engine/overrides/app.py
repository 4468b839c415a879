"""A Faust app whose agents work on chunks, in lanes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

import faust
from faust import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AgentT, AppT, Message
from mode import CrashingSupervisor
from yarl import URL

from processors.engine.chunk import SMALL_BYTES, SMALL_RECORDS, Chunk
from processors.engine.halts import HaltMarks
from processors.engine.in_turn import in_turn
from processors.engine.lag import Reading
from processors.engine.lanes import Lanes
from processors.engine.leftovers import Leftovers
from processors.engine.observer import Observer
from processors.engine.options import COORDINATION, EngineOptions
from processors.engine.overrides.consumer import LaneConsumer
from processors.engine.overrides.consumer_thread import LaneConsumerThread
from processors.engine.overrides.tables import LaneTable, LaneTableManager
from processors.engine.processing import Handler, process
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from processors.engine.store import TablePartition
from processors.engine.ticking import Ticking


class ChunkSchema(Schema):
    """Hands the chunk to the agent without decoding keys or values."""

    def compile(self, app: AppT, **_: Any) -> Any:
        """A decoder from message to event, as Faust's schemas make one."""

        async def decode(message: Message, *, propagate: bool = False) -> Any:  # noqa: ARG001 - Faust's signature
            return app.create_event(None, message.value, None, message)

        return decode


class LaneProducer(driver.Producer):
    """Faust's own producer. Faust insists on one, but nothing here sends with it: units have their lanes'."""

    def _settings_auth(self) -> Mapping[str, Any]:
        return {**self.app.lanes.options.client, "enable_idempotence": True, "acks": "all"}


class LaneTransport(driver.Transport):
    """Faust's aiokafka transport with our consumer and producer."""

    Consumer = LaneConsumer
    Producer = LaneProducer


class LaneApp(faust.App):
    """``sources``: source topic -> names of its tables; ``changelogs``: table name -> changelog topic. ``refusals``,
    ``rival``: the process's, which outlive the app."""

    def __init__(
        self,
        options: EngineOptions,
        sources: Mapping[str, tuple[str, ...]],
        changelogs: Mapping[str, str],
        partitions: int,
        observer: Observer,
        refusals: RefusalsByLane,
        rival: Rival,
    ) -> None:
        marks = HaltMarks(observer, options.data_dir, sources)
        self.lanes = Lanes(sources, changelogs, options, marks, refusals)
        self.leftovers = Leftovers(options, changelogs, self.lanes, self.is_member)
        self.rival = rival
        self.ticking: dict[str, Ticking] = {}
        """The handlers that have work which no record causes, by source topic."""
        self.topics_needed = frozenset({*sources, *changelogs.values(), *options.outputs, *COORDINATION})
        """The topics that units read and write, and the coordinators': the brokers of all their partitions must be
        there."""
        super().__init__(options.group_id, **_settings(options, partitions))
        for name, topic in changelogs.items():
            self.Table(name, partitions=partitions, changelog_topic=self.chunk_topic(topic))

    async def on_first_start(self) -> None:
        """As upstream, which makes the data directory but not its parents."""
        self.conf.datadir.mkdir(parents=True, exist_ok=True)
        await super().on_first_start()

    def chunk_topic(self, name: str) -> Any:
        """A topic whose stream is chunks."""
        return self.topic(name, schema=ChunkSchema(), acks=False, partitions=self.conf.topic_partitions)

    def handle(self, topic: str, name: str, handler: Handler, rest: float = 0.0) -> None:
        """Run an agent of this name that has ``handler`` process every record of ``topic``, a source. What ``handler``
        raises unexpectedly crashes the app.

        ``rest``: pause of a partition after a small unit, as a share of what the unit took; see ``Pace``. Larger for a
        handler that writes less if more records come together.
        """

        options = self.lanes.options
        small = min(SMALL_RECORDS, options.chunk_records), min(SMALL_BYTES, options.chunk_bytes)

        async def work(chunk: Chunk) -> None:
            await process(self.lanes, chunk, handler)

        async def run(chunks: AsyncIterator[Chunk]) -> None:
            await in_turn(chunks, partial(self.lanes.wait_rested, rest=rest), work, *small)

        if isinstance(handler, Ticking):
            self.ticking[topic] = handler
        # Not the default strategy, which restarts an agent that has raised.
        self.agent(self.chunk_topic(topic), name=name, supervisor_strategy=CrashingSupervisor)(run)

    async def wait_crashed(self) -> None:
        """Return when a service of the app has crashed; ``crash_reason`` says why."""
        await self._crashed.wait()

    async def end(self, timeout: float) -> bool:
        """Stop: lanes first, then the group, then the rest. False: not done after ``timeout`` seconds.

        A silent broker keeps the consumer's thread for its request timeout, and mode swallows cancellations.
        """
        stopping = asyncio.create_task(self.stop())
        done, _ = await asyncio.wait({stopping}, timeout=timeout)
        return bool(done)

    def is_member(self) -> bool:
        """Whether the group has heard of us within the session timeout: a woken zombie must not answer queries."""
        thread: LaneConsumerThread | None = self._consumer and self._consumer.thread
        if thread is None or self.lanes.opened_at is None:
            return False
        heard = max(thread.last_heartbeat, self.lanes.opened_at)
        return self.lanes.options.clock() - heard < self.lanes.options.session_timeout

    def has_rival(self) -> bool:
        """Whether another process with the same instance id and address joins the group again and again."""
        return self.rival.is_there(self.lanes.options.clock())

    def readings(self) -> Mapping[TP, Reading]:
        """How far the group consumer has read each assigned source partition."""
        return self._consumer.thread.readings if self._consumer and self.lanes.opened_at else {}

    def follow(self, leaders: Mapping[TP, int]) -> None:
        """Tell the group consumer the leaders of source partitions, by node id."""
        if self._consumer and self._consumer.thread and self.lanes.opened_at is not None:
            self._consumer.thread.follow(leaders)

    def lane_table(self, table: str, topic: str, partition: int) -> TablePartition | None:
        """A table's partition that belongs to a source partition; None unless its lane runs here."""
        return self.lanes.table(table, TP(topic, partition))

    def owner_of(self, topic: str, partition: int) -> str | None:
        """Advertised URL of the other worker that has a source partition, as the group's leader told us; None: no other
        has it."""
        for url, topics in self.assignor.external_topics_metadata().items():
            if partition in topics.get(topic, ()) and url != str(self.conf.canonical_url):
                return str(url).rstrip("/")
        return None

    async def _on_agent_error(self, agent: AgentT, exc: BaseException) -> None:
        """As upstream, then crash the app: a restarted agent would lack the chunks that this one has lost, and nobody
        would know."""
        await super()._on_agent_error(agent, exc)
        await self.crash(exc)

    def _new_transport(self) -> LaneTransport:
        return LaneTransport(self.conf.broker_consumer, self)

    def _new_consumer(self) -> LaneConsumer:
        consumer: LaneConsumer = super()._new_consumer()
        self.lanes.consumer = consumer.thread
        return consumer

    async def _on_partitions_revoked(self, revoked: set[TP]) -> None:
        """As upstream, after which nothing reads the partitions; then close the lanes. Not by upstream's last signal:
        all apps share its receivers, which would keep every ended app for ever."""
        await super()._on_partitions_revoked(revoked)
        await self.lanes.close_all()


def _settings(options: EngineOptions, partitions: int) -> dict[str, Any]:
    brokers = options.client["bootstrap_servers"]
    return {
        # Faust lets some 80 variables override what it is given here. Their names are not its own: many images set
        # `APP_VERSION`, a Service named `web` sets `WEB_PORT=tcp://…`, and `BROKER_URL` is Celery's.
        "env": {},
        "broker": [URL(f"kafka://{broker}") for broker in brokers],  # Faust wants it; clients get options.client
        "Table": LaneTable,
        "TableManager": LaneTableManager,
        "datadir": options.data_dir / "faust",
        "canonical_url": options.advertised_url,
        "web_enabled": False,  # it would serve table contents to everybody
        "topic_allow_declare": False,  # topics are made by an administrator's command
        "topic_disable_leader": True,
        "topic_partitions": partitions,
        "table_standby_replicas": 0,
        "store": "memory://",
        "stream_wait_empty": False,  # lanes wait for their units themselves, within limits
        "stream_recovery_delay": 0.0,
        "broker_session_timeout": options.session_timeout,
        "broker_heartbeat_interval": options.heartbeat_interval,
        # Time to hear of a rebalance and to close the lanes. A static member that is away must not hold up the others'
        # rebalance for its whole session: it stays a member, and keeps its partitions, all the same.
        "broker_rebalance_timeout": 10.0,
        "broker_request_timeout": 30.0,
        "broker_max_poll_records": options.chunk_records,
        "broker_max_poll_interval": 1e9,  # a worker without partitions polls nothing, and must stay in the group
        "worker_redirect_stdouts": False,
    }
