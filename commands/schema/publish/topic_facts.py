"""What readers may rely on in each topic: the source for AsyncAPI and the pages. Kafka configuration: bridge.topics."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.events import EVENT_NAMES
from schemas.order_line import OrderLineKey
from schemas.routing import aggregate_of
from schemas.topics import AGGREGATES

PROMISE: Final = """\
- Within `v1` of a topic, its name, key, partitioning and delivery guarantee stay. Its retention stays or gets longer.
  Every field and header stays, too: its name, its type, and whether it is always there.
- Fields, headers and event names that are not listed may come at any time. So may other values of a field whose schema
  has a list of known values beside a plain `string`. Consumers must let all of these pass.
- This promise holds backwards, too, because topics keep records for months: the newest schema reads the oldest record.
- Any other change gets a new topic, `v2`, beside the old one.
- Event bodies are NewStore's, byte for byte. The bridge checks their envelope, and nothing in the payload. Their
  schemas describe what NewStore documents and what was seen. If NewStore changes a body, it arrives as it is.
"""


class RecordKey(StrEnum):
    """What a record's key is. A change is breaking."""

    EVENT_NAME = "event name"
    ORDER_ID = "order id"
    ORDER_ID_IF_ANY = "order id; of an event that belongs to no order its own id, else its name"
    ORDER_AND_LINE_ID = 'JSON with the order id and the line id: `{"order_id":"…","line_id":"…"}`'
    ENTITY_ID = "entity id, else the event name"
    NONE = "none"
    INTERNAL = "internal"


class Delivery(StrEnum):
    """How often a reader gets each record. A change is breaking."""

    AT_LEAST_ONCE = "at least once: NewStore delivers some events several times, and each delivery is here"
    EXACTLY_ONCE = "exactly once for `isolation.level=read_committed`; others also see aborted transactions"
    AT_LEAST_ONCE_FROM_THE_INGRESS = (
        "exactly once for what the worker puts here (`read_committed`), at least once for what the ingress does"
    )


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic. `value`: what its records hold; `ordering`: what their order means.

    `headers`: a name in `header_schemas.SCHEMAS`. `events`: its documented event names; `other_events`: undocumented
    ones come, too. `internal`: only for the bridge, may change without notice.
    """

    title: str
    value: str
    key: RecordKey
    partitioning: str
    ordering: str
    delivery: Delivery
    headers: str
    written_by: str
    events: tuple[str, ...] = ()
    other_events: bool = False
    internal: bool = False


_WORKER_AND_MIGRATE: Final = "the worker; `bridge topics migrate`, which moves rows"
_BY_KEY: Final = "by the key with Kafka's default partitioner (murmur2), so joins with other producers' topics work"
_ARRIVAL: Final = "in the order of their arrival. That is no particular order: `ce_time` tells when an event happened"

_WHATEVER: Final = "by offset: `version`, `ce_time` and the record's timestamp may go back"


def _cleaned(dataset: str, what: str) -> TopicFacts:
    key = RecordKey.ORDER_ID_IF_ANY if dataset == "orders" else RecordKey.ENTITY_ID
    whose = "one order" if dataset == "orders" else "one entity"
    return TopicFacts(
        title=f"Cleaned events: {what}",
        value=f"{what}: each event once, the webhook's body byte for byte",
        key=key,
        partitioning=_BY_KEY,
        ordering=f"all events of {whose} are in one partition; events of one name are {_ARRIVAL}",
        delivery=Delivery.EXACTLY_ONCE,
        headers="cleaned",
        written_by="the worker",
        events=tuple(name for name in EVENT_NAMES if aggregate_of(name) == dataset),
        other_events=True,
    )


def _internal(title: str, value: str, partitioning: str, written_by: str = _WORKER_AND_MIGRATE) -> TopicFacts:
    return TopicFacts(
        title=title,
        value=value,
        key=RecordKey.INTERNAL,
        partitioning=partitioning,
        ordering="later rows of a key replace earlier ones",
        delivery=Delivery.EXACTLY_ONCE,
        headers="none",
        written_by=written_by,
        internal=True,
    )


STATE: Final = frozenset({"order-state", "order-lines"})
"""Topics whose records describe an order, and are deleted with it."""

KEY_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"order-state": ("order_id",), "order-lines": (*OrderLineKey.model_fields,)}
)
"""Fields of the value that are in the key, too, for topics whose records replace one another."""

FACTS: Final[Mapping[str, TopicFacts]] = MappingProxyType(
    {
        "raw": TopicFacts(
            title="Every webhook as it came",
            value="every delivery that is a valid envelope of this tenant, duplicates included: the webhook's body"
            " byte for byte",
            key=RecordKey.EVENT_NAME,
            partitioning=_BY_KEY,
            ordering=f"all events of one name are in one partition, {_ARRIVAL}",
            delivery=Delivery.AT_LEAST_ONCE,
            headers="raw",
            written_by="the ingress; `bridge backfill`, `bridge quarantine replay` and `bridge conflicts accept`, in"
            " transactions",
            other_events=True,
        ),
        **{dataset: _cleaned(dataset, subject) for dataset, subject in AGGREGATES.items()},
        "order-state": TopicFacts(
            title="State of each order",
            value="the state of one order, made of all its events, as a JSON document. A record with neither value"
            " nor headers means that the order was forgotten or erased, or is in another partition now",
            key=RecordKey.ORDER_ID,
            partitioning=f"{_BY_KEY}; an order's partition has the same number as in `orders`",
            ordering=f"later records of an order replace earlier ones, {_WHATEVER}",
            delivery=Delivery.EXACTLY_ONCE,
            headers="state",
            written_by=_WORKER_AND_MIGRATE,
        ),
        "order-lines": TopicFacts(
            title="Each item of an order as a flat record",
            value="one item of an order, with data of the whole order, as flat JSON. A record with neither value nor"
            " headers means that the line is gone. The topic exists only with `BRIDGE_ORDER_LINES=true`",
            key=RecordKey.ORDER_AND_LINE_ID,
            partitioning="by the order id, not by the whole key: an order's lines are in the partition of its state",
            ordering=f"later records of a line replace earlier ones, {_WHATEVER}. All lines of an order are written"
            " together, in one transaction with its state",
            delivery=Delivery.EXACTLY_ONCE,
            headers="line",
            written_by=_WORKER_AND_MIGRATE,
        ),
        "conflicts": TopicFacts(
            title="Another payload under a key already seen",
            value="an event whose key the bridge saw before with another payload: the webhook's body byte for byte",
            key=RecordKey.EVENT_NAME,
            partitioning=_BY_KEY,
            ordering="the same as the ordering of their raw records",
            delivery=Delivery.EXACTLY_ONCE,
            headers="conflict",
            written_by="the worker",
            other_events=True,
        ),
        "quarantine": TopicFacts(
            title="Bodies that are not an event of this tenant",
            value="bodies that are not a valid envelope, or that are of another tenant. They are byte for byte as"
            " received, so they may be anything. A body over the limit, or larger than this topic accepts, has a stub"
            " in its place, with its size and its hash. Lines of export files that are not an event of this tenant are"
            " here, too, each with its file and line number",
            key=RecordKey.NONE,
            partitioning="the raw record's, or one after the other where there is none",
            ordering="none",
            delivery=Delivery.AT_LEAST_ONCE_FROM_THE_INGRESS,
            headers="quarantine",
            written_by="the ingress, the worker and `bridge backfill`",
        ),
        "dedupe-changelog": _internal(
            "Keys seen",
            "rows of the table by which the worker recognises duplicates",
            "the raw record's partition",
        ),
        "orders-changelog": _internal(
            "Facts of each order",
            "rows of the table of orders",
            "the `orders` record's partition",
        ),
        "rules": _internal(
            "The rules of the deployment",
            "partition count, rules version, and the place where each migration cut raw",
            "one partition",
            "`bridge topics apply` and `bridge topics migrate`",
        ),
        "backfill": _internal(
            "Progress of backfills", "how far each export file has been stored", "one partition", "`bridge backfill`"
        ),
    }
)
"""By dataset, in the order in which people read about them."""
