"""A client that asks those brokers first that are known to answer, and to know.

aiokafka asks a random one for metadata and coordinators, and waits for its whole request timeout on one that takes the
connection and says nothing, under a lock that all others wait for.
"""

from collections.abc import Collection
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from processors.engine.overrides.connections import Address


def ask_first(owner: AIOKafkaConsumer | AIOKafkaProducer, brokers: Collection[str]) -> None:
    """Have its client ask these, as ``host:port``; all that it knows of where it knows none of them."""
    cluster = (owner.client if isinstance(owner, AIOKafkaProducer) else owner._client).cluster
    known = cluster.brokers

    def preferred() -> set[Any]:
        every: set[Any] = known()
        return {each for each in every if str(Address(each.host, each.port)) in brokers} or every

    cluster.brokers = preferred
