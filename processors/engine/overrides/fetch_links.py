"""Notes over which connection each partition was fetched: if that changes, the log may have been another one meanwhile.

aiokafka does not tell: it fetches on from the same offset, from whoever leads the partition now.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.structs import TopicPartition


class FetchLinks:
    """Counts the interruptions of each partition's fetches by ``client``: errors, other leaders, new connections.

    A live connection misses nothing that its broker does to the log: a broker that loses power, or is no longer the
    leader, ends the connection or says so.
    """

    def __init__(self, client: Any) -> None:
        self._connections = client._conns
        self._send: Callable[..., Awaitable[Any]] = client.send
        self._links: dict[TopicPartition, object] = {}
        self._interruptions: Counter[TopicPartition] = Counter()
        client.send = self._observed

    def interruptions(self, tp: TopicPartition) -> int:
        """How often fetching ``tp`` was interrupted before the last fetched records."""
        return self._interruptions[tp]

    async def _observed(self, node_id: int, request: Any, **options: Any) -> Any:
        if not isinstance(request, FetchRequest):
            return await self._send(node_id, request, **options)
        asked = [TopicPartition(topic, partition) for topic, parts in request.topics for partition, *_ in parts]
        try:
            response = await self._send(node_id, request, **options)
        except BaseException:
            self._interruptions.update(asked)
            raise
        self._answered(response, self._connections.get((node_id, ConnectionGroup.DEFAULT)))
        return response

    def _answered(self, response: Any, connection: object) -> None:
        answers: Iterable[tuple[TopicPartition, int]] = (
            (TopicPartition(topic, partition), error)
            for topic, partitions in response.topics
            for partition, error, *_ in partitions
        )
        for tp, error in answers:
            if error or self._links.get(tp) is not connection:
                self._interruptions[tp] += 1
                self._links[tp] = connection
