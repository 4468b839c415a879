"""An admin client waits for brokers that answer but are not listed yet."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaTimeoutError

from bridge.kafka.admin import wait_until_listed


class Cluster:
    """A cluster after a freeze: it answers, and lists its broker from question `listed_from` on."""

    def __init__(self, listed_from: int) -> None:
        self.asked, self._listed_from = 0, listed_from
        self.cluster = SimpleNamespace(brokers=self._brokers)

    def _brokers(self) -> set[str]:
        return {"broker 1"} if self.asked >= self._listed_from else set()

    async def force_metadata_update(self) -> bool:
        self.asked += 1
        return True


@pytest.mark.parametrize("listed_from", [0, 1, 3])
def test_it_asks_until_a_broker_is_listed(listed_from: int) -> None:
    cluster = Cluster(listed_from)
    asyncio.run(wait_until_listed(cluster))
    assert cluster.asked == listed_from


def test_it_gives_up_in_time_and_says_why() -> None:
    with pytest.raises(KafkaTimeoutError, match=r"it listed no broker within 0\.2 s"):
        asyncio.run(wait_until_listed(Cluster(1 << 30), 0.2))
