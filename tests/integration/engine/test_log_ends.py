"""Where logs end, asked of real brokers, also while one of them believes what was true before it was cut off."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.structs import TopicPartition
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.kafka import LocalKafka
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.outages import Unanswered
from processors.engine.overrides.connections import Connections
from processors.engine.overrides.metadata import Broker, MetadataRequest, read_metadata
from tests.integration.broker_signals import frozen
from tests.integration.waiting import PATIENCE
from tests.programs.chaos.cluster import Cluster, Node, cluster

Found = dict[TopicPartition, LogBounds | Unanswered]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three brokers, with a relay on every connection."""
    with cluster(3, tmp_path_factory.mktemp("brokers"), relayed=True) as made:
        yield made


@pytest.fixture
def brokers(three: Cluster) -> Iterator[Cluster]:
    """All brokers, there and whole before the test and after it."""
    yield three
    three.heal()


@asynccontextmanager
async def log_ends(servers: str) -> AsyncIterator[LogEnds]:
    """Closed at the end."""
    ends = LogEnds({"bootstrap_servers": servers.split(",")})
    try:
        yield ends
    finally:
        await ends.close()


async def bounds(ends: LogEnds, tp: TopicPartition) -> LogBounds:
    """The bounds of a partition whose leader answers, on a busy machine perhaps not at once."""
    found = await _until_answered(ends, tp, lambda found: isinstance(found, LogBounds))
    assert isinstance(found, LogBounds), "waited for"
    return found


def create(servers: str, *topics: NewTopic) -> None:
    admin = AdminClient({"bootstrap.servers": servers})
    for created in admin.create_topics(list(topics)).values():
        created.result(PATIENCE)


def produce(servers: str, tp: TopicPartition, records: int) -> None:
    producer = Producer(
        {"bootstrap.servers": servers, "enable.idempotence": True, "topic.metadata.refresh.interval.ms": 500}
    )
    for _ in range(records):
        producer.produce(tp.topic, b"value", partition=tp.partition)
    assert producer.flush(PATIENCE) == 0


async def test_an_open_transaction_is_between_stable_end_and_high_watermark(kafka: LocalKafka, prefix: str) -> None:
    servers, tp = kafka.bootstrap_servers, TopicPartition(f"{prefix}.in", 0)
    create(servers, NewTopic(tp.topic, 1, 1))
    produce(servers, tp, 3)
    producer = Producer({"bootstrap.servers": servers, "transactional.id": prefix})
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    producer.produce(tp.topic, b"open")
    assert producer.flush(PATIENCE) == 0
    async with log_ends(servers) as ends:
        found = await bounds(ends, tp)
        assert (found.begin, found.stable_end, found.high_watermark) == (0, 3, 4)
        producer.commit_transaction(PATIENCE)
        both = (5, 5)  # a record and its marker
        await _until_answered(ends, tp, lambda found: isinstance(found, LogBounds) and found[1:3] == both)


async def test_what_nobody_knows_of_is_told_and_the_others_are_answered(kafka: LocalKafka, prefix: str) -> None:
    known, beyond = TopicPartition(f"{prefix}.in", 0), TopicPartition(f"{prefix}.in", 7)
    unknown = TopicPartition(f"{prefix}.none", 0)
    create(kafka.bootstrap_servers, NewTopic(known.topic, 1, 1))
    none = {
        beyond: Unanswered("no such partition", None),
        unknown: Unanswered("UNKNOWN_TOPIC_OR_PARTITION", None),
    }
    async with log_ends(kafka.bootstrap_servers) as ends:
        await _all_until(
            ends,
            [known, beyond, unknown],
            lambda found: isinstance(found[known], LogBounds) and {tp: found[tp] for tp in none} == none,
        )


async def test_the_ends_of_a_leader_that_was_cut_off_its_peers_are_not_believed(brokers: Cluster) -> None:
    """That broker goes on to serve clients, and never learns that the others have elected another leader."""
    tp = TopicPartition("moved", 0)
    create(brokers.bootstrap_servers, NewTopic("moved", 1, replica_assignment=[[1, 2, 3]], config=_ISR))
    lonely = brokers.nodes[1].bootstrap_servers
    async with log_ends(lonely) as ends:
        produce(brokers.bootstrap_servers, tp, 3)
        before = await bounds(ends, tp)
        assert (before.high_watermark, before.leader.node_id) == (3, 1)
        brokers.cut_off_its_peers(1)
        await _led_by(ends, tp, {2, 3})
        produce(brokers.nodes[2].bootstrap_servers, tp, 4)
        after = await bounds(ends, tp)
        assert after.high_watermark == 7
        assert after.leader_epoch > before.leader_epoch
        assert await _leader_said_by(lonely, tp) == before.leader, "it believes what it was"


async def test_a_broker_that_is_silent_or_gone_is_named_where_it_leads_and_nowhere_else(brokers: Cluster) -> None:
    here, gone = TopicPartition("here", 0), TopicPartition("gone", 0)
    create(
        brokers.bootstrap_servers,
        NewTopic("here", 1, replica_assignment=[[2]]),
        NewTopic("gone", 1, replica_assignment=[[3]]),
    )
    node = brokers.nodes[3]
    leaderless = Unanswered("it has no leader; away with a replica: broker 3", None)
    async with log_ends(brokers.bootstrap_servers) as ends:
        await _led_by(ends, here, {2})
        await _led_by(ends, gone, {3})
        found = await _while_frozen(node, ends, [here, gone])
        while not isinstance(found[here], LogBounds) or found[gone] == leaderless:  # slow: Kafka has fenced it by then
            await _led_by(ends, gone, {3})
            found = await _while_frozen(node, ends, [here, gone])
        assert isinstance(found[gone], Unanswered)
        assert str(found[gone].leader) == f"broker 3, {node.bootstrap_servers}"
        await _led_by(ends, gone, {3})
        node.kill()
        await _until_answered(ends, gone, lambda found: found == leaderless)
        await bounds(ends, here)
        brokers.start(node)
        await _led_by(ends, gone, {3})


async def _while_frozen(node: Node, ends: LogEnds, asked: list[TopicPartition]) -> Found:
    with frozen(node):
        return await ends.bounds(asked)


_ISR = {"min.insync.replicas": "2"}


async def _led_by(ends: LogEnds, tp: TopicPartition, leaders: set[int]) -> None:
    """Return once one of these leaders answers for the partition."""
    await _until_answered(ends, tp, lambda found: isinstance(found, LogBounds) and found.leader.node_id in leaders)


async def _until_answered(
    ends: LogEnds, tp: TopicPartition, condition: Callable[[LogBounds | Unanswered], bool]
) -> LogBounds | Unanswered:
    found = await _all_until(ends, [tp], lambda found: condition(found[tp]))
    return found[tp]


async def _all_until(ends: LogEnds, asked: list[TopicPartition], condition: Callable[[Found], bool]) -> Found:
    async with asyncio.timeout(3 * PATIENCE):  # while a line is cut, the relay takes its time for each new connection
        while not condition(found := await ends.bounds(asked)):
            await asyncio.sleep(0.1)
    return found


async def _leader_said_by(server: str, tp: TopicPartition) -> Broker | None:
    connections = Connections({"bootstrap_servers": [server]})
    [address] = connections.bootstrap
    [response] = await connections.ask(address, MetadataRequest([tp.topic]), timeout=PATIENCE)
    await connections.close()
    return read_metadata(response).partitions[tp].leader
