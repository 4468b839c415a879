"""What counts as an interruption of a partition's fetches, without Kafka."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.structs import TopicPartition

from processors.engine.overrides.fetch_links import FetchLinks

ONE, OTHER = TopicPartition("raw", 1), TopicPartition("raw", 2)


class Client:
    """Answers with ``answer``, over the connection of ``_conns``."""

    def __init__(self) -> None:
        self._conns: dict[Any, object] = {(1, ConnectionGroup.DEFAULT): "first", (2, ConnectionGroup.DEFAULT): "other"}
        self.answer: Any = answer()

    async def send(self, _node: int, _request: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def answer(error: int = 0) -> Any:
    return SimpleNamespace(topics=[("raw", [(1, error, 100, 100), (2, 0, 100, 100)])])


@pytest.fixture
def client() -> Any:
    return Client()


FETCH = FetchRequest(0, 0, 0, 0, [("raw", [(1, 0, 0), (2, 0, 0)])])


async def test_fetches_over_the_same_connection_are_one(client: Any) -> None:
    links = FetchLinks(client)
    await client.send(1, FETCH)
    before = links.interruptions(ONE)
    await client.send(1, FETCH)
    await client.send(2, MetadataRequest([]))
    assert links.interruptions(ONE) == before


@pytest.mark.parametrize("node", [1, 2])
async def test_a_new_connection_or_another_leader_interrupts(client: Any, node: int) -> None:
    links = FetchLinks(client)
    await client.send(1, FETCH)
    before = links.interruptions(ONE)
    client._conns[1, ConnectionGroup.DEFAULT] = "second"
    await client.send(node, FETCH)
    assert links.interruptions(ONE) == before + 1


async def test_an_error_interrupts_the_partition_that_has_it(client: Any) -> None:
    links = FetchLinks(client)
    await client.send(1, FETCH)
    before = links.interruptions(ONE), links.interruptions(OTHER)
    client.answer = answer(error=6)
    await client.send(1, FETCH)
    assert (links.interruptions(ONE), links.interruptions(OTHER)) == (before[0] + 1, before[1])


async def test_a_fetch_without_an_answer_interrupts_all_that_it_asked_for(client: Any) -> None:
    links = FetchLinks(client)
    await client.send(1, FETCH)
    before = links.interruptions(ONE), links.interruptions(OTHER)
    client.answer = KafkaConnectionError("closed")
    with pytest.raises(KafkaConnectionError):
        await client.send(1, FETCH)
    assert (links.interruptions(ONE), links.interruptions(OTHER)) == (before[0] + 1, before[1] + 1)
