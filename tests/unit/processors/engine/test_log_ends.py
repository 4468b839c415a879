"""Which broker's answer counts where brokers disagree, and who waits for whom."""

import asyncio
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import NoReturn
from unittest.mock import AsyncMock

import pytest
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed
from aiokafka.structs import TopicPartition

from deploy.local.ports import free_ports
from processors.engine.log_ends import LogEnds
from processors.engine.outages import Unanswered, informed, leadership, outages
from processors.engine.overrides.connections import Address, Connections
from processors.engine.overrides.list_offsets import read_offsets
from processors.engine.overrides.metadata import Broker, ClusterView, Leadership, MetadataRequest, read_metadata

RAW = TopicPartition("raw", 0)
ONE, TWO = Broker(1, "kafka-1", 9092), Broker(2, "kafka-2", 9092)


def view(
    leader_epoch: int | None, leader: Broker | None = None, error: str | None = None, away: Iterable[int] = ()
) -> ClusterView:
    """The view of a broker that knows this of the partition. ``leader_epoch`` of None: it knows nothing of it."""
    partitions = {} if leader_epoch is None else {RAW: Leadership(leader_epoch, leader, tuple(away))}
    return ClusterView(frozenset({ONE, TWO}), partitions, {} if error is None else {RAW.topic: error})


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ([view(4, ONE), view(5, TWO)], Leadership(5, TWO)),
        ([view(5, TWO), view(4, ONE)], Leadership(5, TWO)),
        ([view(4, ONE), view(5, None)], Leadership(5, None)),  # the partition lost its leader since
        ([view(5, None), view(5, TWO)], Leadership(5, TWO)),  # one broker has not heard yet where the leader is
        ([view(None), view(0, ONE)], Leadership(0, ONE)),  # one broker has not heard of the topic yet
        ([view(None, error="UNKNOWN_TOPIC_OR_PARTITION")], Unanswered("UNKNOWN_TOPIC_OR_PARTITION", None)),
        ([view(None)], Unanswered("no such partition", None)),
    ],
)
def test_the_highest_leader_epoch_counts(views: list[ClusterView], expected: Leadership | Unanswered) -> None:
    assert leadership(RAW, views) == expected


AT_ONE, AT_TWO = Address("kafka-1", 9092), Address("kafka-2", 9092)


@pytest.mark.parametrize(
    ("views", "silent", "expected"),
    [
        ({AT_ONE: view(5, TWO), AT_TWO: view(5, TWO)}, [], []),
        ({AT_TWO: view(5, TWO)}, [AT_ONE], ["kafka-1:9092 does not answer"]),
        ({AT_ONE: view(4, ONE), AT_TWO: view(5, TWO)}, [], ["kafka-1:9092 has not heard of new leaders"]),
        ({AT_TWO: view(5, TWO, away=[1])}, [], ["broker 1 is away"]),
        ({AT_TWO: view(5, None)}, [], ["raw/0 has no leader"]),
    ],
)
def test_what_is_out_of_reach_is_told(
    views: dict[Address, ClusterView], silent: list[Address], expected: list[str]
) -> None:
    assert outages(views, silent) == expected


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ({AT_ONE: view(5, TWO), AT_TWO: view(5, TWO)}, [AT_ONE, AT_TWO]),
        ({AT_ONE: view(4, ONE), AT_TWO: view(5, TWO)}, [AT_TWO]),
        ({}, []),
    ],
)
def test_who_was_left_behind_is_not_asked_first(views: dict[Address, ClusterView], expected: list[Address]) -> None:
    assert informed(views) == expected


@pytest.mark.parametrize(("host", "said"), [("kafka-1", "kafka-1:9092"), ("::1", "[::1]:9092")])
def test_an_address_is_one_that_clients_can_be_given(host: str, said: str) -> None:
    assert str(Address(host, 9092)) == said
    assert Connections({"bootstrap_servers": [said]}).bootstrap == {Address(host, 9092)}


@contextmanager
def silent_broker() -> Iterator[Address]:
    """A broker that accepts every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Address(*listening.getsockname())


async def test_without_any_broker_every_partition_says_so_and_why() -> None:
    [port] = free_ports(1)
    ends = LogEnds({"bootstrap_servers": [f"127.0.0.1:{port}"]})
    [answer] = (await ends.bounds([RAW])).values()
    assert isinstance(answer, Unanswered)
    assert answer.reason.startswith("no broker answers (")
    assert f"{port}" in answer.reason
    assert await ends.outages([RAW.topic]) == [answer.reason]
    await ends.close()


async def test_a_kafka_that_is_too_old_is_told_from_one_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connection(_self: Connections, _address: Address) -> object:
        return SimpleNamespace(send=lambda request: request.prepare({MetadataRequest.API_KEY: (0, 11)}))

    monkeypatch.setattr(Connections, "_connection", connection)
    ends = LogEnds({"bootstrap_servers": ["kafka-1:9092"]})
    [answer] = (await ends.bounds([RAW])).values()
    assert answer == Unanswered(ends.silence, None)
    assert "Kafka 3.1 or newer is needed" in ends.silence


async def test_one_that_is_away_does_not_hide_that_another_one_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """This holds whichever broker fails last. Once the reason changes, the old one is no longer told."""
    slowest, broken = "", {"kafka-1": NotImplementedError("no version"), "kafka-2": OSError("refused")}

    async def ask(_self: Connections, address: Address, *_: object, timeout: float) -> NoReturn:
        await asyncio.sleep(timeout / 100 * (address.host == slowest))
        raise broken[address.host]

    monkeypatch.setattr(Connections, "ask", ask)
    ends = LogEnds({"bootstrap_servers": ["kafka-1:9092", "kafka-2:9092"]})
    for slowest in broken:
        [said] = await ends.outages([f"asked-{slowest}"])
        assert "Kafka 3.1 or newer is needed" in said
        assert "refused" in said
    broken["kafka-1"] = OSError("refused")
    assert await ends.outages(["again"]) == ["no broker answers (OSError: refused)"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KafkaConnectionError("Connection at kafka-1:9092 closed"), "Connection at kafka-1:9092 closed"),
        (SaslAuthenticationFailed("the token has expired"), "SASL_AUTHENTICATION_FAILED (the token has expired)"),
    ],
)
async def test_what_is_said_of_a_connection_is_told_once(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """The text of aiokafka's errors begins with the name of their class. A broker's reason is nowhere else."""
    monkeypatch.setattr(Connections, "ask", AsyncMock(side_effect=error))
    ends = LogEnds({"bootstrap_servers": ["kafka-1:9092"]})
    assert await ends.outages(["raw"]) == [f"no broker answers ({said})"]


def test_an_error_that_a_broker_answers_has_kafkas_name() -> None:
    answered = SimpleNamespace(topics=[("raw", [(0, 6, -1, -1, -1), (1, 0, -1, 7, 3)])])
    assert read_offsets(answered) == {RAW: "NOT_LEADER_FOR_PARTITION", TopicPartition("raw", 1): 7}
    unknown = SimpleNamespace(brokers=[], cluster_id="", topics=[(3, "raw", None, False, [], 0)])
    assert read_metadata(unknown).errors == {"raw": "UNKNOWN_TOPIC_OR_PARTITION"}


async def test_a_silent_broker_costs_its_own_timeout_and_leaves_no_task_behind() -> None:
    with silent_broker() as address:
        connections = Connections({"bootstrap_servers": ["127.0.0.1:1"]})
        with pytest.raises(TimeoutError):
            await connections.ask(address, MetadataRequest([]), timeout=0.05)
        await connections.close()
        async with asyncio.timeout(5):
            while asyncio.all_tasks() != {asyncio.current_task()}:
                await asyncio.sleep(0)  # its reader has been told to end


async def test_whoever_asks_is_cancelled_at_once() -> None:
    with silent_broker() as address:
        ends = LogEnds({"bootstrap_servers": [f"{address.host}:{address.port}"]})
        asking = asyncio.create_task(ends.bounds([RAW]))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await ends.close()
