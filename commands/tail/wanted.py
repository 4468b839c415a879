"""Which records of a topic are wanted, and which partitions may have them. Pure."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from aiokafka import TopicPartition
from pydantic import ValidationError

from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import Record
from bridge.topics.spec import TopicSpec
from commands.terminal.shown import event_of
from schemas.headers import ENTITY_KEY
from schemas.order_line import OrderLineKey
from schemas.text import naming
from schemas.topics import AGGREGATES

_WITH_ORDERS: Final = frozenset({"raw", *AGGREGATES, "conflicts", "quarantine", "order-state", "order-lines"})
_BY_ORDER: Final = frozenset({"orders", "order-state", "order-lines"})
"""Their records lie in their order's partition."""
_WITH_EVENTS: Final = _WITH_ORDERS - {"order-state", "order-lines"}


class Wanted:
    """Records of a topic with this dataset, of `event` and of the order with this id; None: of any."""

    def __init__(self, dataset: str, event: str | None, order: str | None) -> None:
        self._dataset, self._event, self._order = dataset, event, order
        self._belongs = _belongs_to(dataset, order) if order is not None else None

    def misses(self) -> str:
        """The option that such a topic does not support; empty: it supports all."""
        if self._event is not None and self._dataset not in _WITH_EVENTS:
            return "--event"
        return "--order" if self._order is not None and self._dataset not in _WITH_ORDERS else ""

    def takes(self, record: Record) -> bool:
        """Whether a record is wanted."""
        if self._belongs is not None and not self._belongs(record):
            return False
        return self._event is None or event_of(self._dataset, record) == self._event

    def partitions(self, spec: TopicSpec, counts: Collection[int]) -> Sequence[TopicPartition]:
        """Partitions that may have them. `counts`: all partition counts that there have been."""
        key = self._event if self._dataset == "raw" else self._order if self._dataset in _BY_ORDER else None
        numbers: Collection[int] = range(spec.partitions)
        if key is not None:
            homes = {partition_for(key.encode(), count) for count in {*counts, spec.partitions}}
            numbers = sorted(homes.intersection(numbers))
        return [TopicPartition(spec.name, number) for number in numbers]


def _belongs_to(dataset: str, order: str) -> Callable[[Record], bool]:
    key = order.encode()
    if dataset == "order-state":
        return lambda record: record.key == key
    if dataset == "order-lines":
        return lambda record: _order_of_line(record.key) == order
    if dataset == "quarantine":
        named = naming(order)
        return lambda record: named.search(record.value or b"") is not None
    return lambda record: (ENTITY_KEY, key) in record.headers


def _order_of_line(key: bytes | None) -> str | None:
    try:
        return OrderLineKey.model_validate_json(key or b"").order_id
    except ValidationError:
        return None  # not written by the bridge, so it is of no order
