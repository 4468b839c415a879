"""What readers may rely on, topic by topic. AsyncAPI and the pages say it from here; configuration: bridge.topics."""

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
- Within `v1` of a topic its name, key, partitioning, delivery guarantee and retention (or a longer one) stay, and so
  does every field and header: its name, its type, and whether it is always there.
- What may come at any time, so that readers must let it pass: fields, headers and event names that are not listed,
  and other values where a list of known ones stands beside a plain `string`.
- That holds backwards, too, because topics keep records for months: the newest schema reads the oldest record.
- Anything else gets a new topic, `v2`, beside the old one.
- Event bodies are NewStore's, byte for byte: of them the bridge checks the envelope and nothing in the payload. Their
  schemas describe what NewStore documents and what was seen; what NewStore changes arrives unchanged.
"""


class RecordKey(StrEnum):
    """What a record's key is: another one is a breaking change."""

    EVENT_NAME = "event name"
    ORDER_ID = "order id"
    ORDER_ID_IF_ANY = "order id; of an event that belongs to no order its own id, else its name"
    ORDER_AND_LINE_ID = 'JSON with the order id and the line id: `{"order_id":"…","line_id":"…"}`'
    ENTITY_ID = "entity id, else the event name"
    NONE = "none"
    INTERNAL = "internal"


class Delivery(StrEnum):
    """How often a reader meets what is in a topic: less is a breaking change."""

    AT_LEAST_ONCE = "at least once: NewStore delivers some events several times, and each delivery is here"
    EXACTLY_ONCE = "exactly once for `isolation.level=read_committed`; others also see aborted transactions"
    AT_LEAST_ONCE_FROM_THE_INGRESS = (
        "exactly once for what the worker puts here (`read_committed`), at least once for what the ingress does"
    )


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic. `value` says what is in its records, `ordering` what their order tells.

    `headers` is one of `header_schemas.SCHEMAS`.

    `events` are the documented names that it has, `other_events` tells whether undocumented names come, too.
    `internal`: the bridge's own, its content may change without notice.
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
_ARRIVAL: Final = "in the order in which they arrived, which is no particular one: `ce_time` says when it happened"

_WHATEVER: Final = "by their offsets: `version`, `ce_time` and the record's timestamp may go back"


def _cleaned(dataset: str, what: str) -> TopicFacts:
    key = RecordKey.ORDER_ID_IF_ANY if dataset == "orders" else RecordKey.ENTITY_ID
    whose = "one order" if dataset == "orders" else "one entity"
    return TopicFacts(
        title=f"Cleaned events: {what}",
        value=f"{what}: each event once, the webhook's body byte for byte",
        key=key,
        partitioning=_BY_KEY,
        ordering=f"all events of {whose} are in one partition; those of one name {_ARRIVAL}",
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
"""Topics whose records say how an order is, and go with it."""

KEY_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"order-state": ("order_id",), "order-lines": (*OrderLineKey.model_fields,)}
)
"""Of topics whose records replace one another, the fields of the value that stand in the key, too."""

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
            value="all that the events of one order amount to, as a JSON document; or none, and no headers, where the"
            " order was forgotten or erased, or is in another partition now",
            key=RecordKey.ORDER_ID,
            partitioning=f"{_BY_KEY}; an order's partition has the same number as in `orders`",
            ordering=f"later records of an order replace earlier ones, {_WHATEVER}",
            delivery=Delivery.EXACTLY_ONCE,
            headers="state",
            written_by=_WORKER_AND_MIGRATE,
        ),
        "order-lines": TopicFacts(
            title="Each item of an order as a flat record",
            value="an item with what is said of its order, as flat JSON; or none, and no headers, where the line is"
            " gone; only with `BRIDGE_ORDER_LINES=true`",
            key=RecordKey.ORDER_AND_LINE_ID,
            partitioning="by the order id, not by the whole key: an order's lines are in the partition of its state",
            ordering=f"later records of a line replace earlier ones, {_WHATEVER}; all lines of an order are written"
            " together, in one transaction with its state",
            delivery=Delivery.EXACTLY_ONCE,
            headers="line",
            written_by=_WORKER_AND_MIGRATE,
        ),
        "conflicts": TopicFacts(
            title="Another payload under a key already seen",
            value="an event whose key was seen with another payload: the webhook's body byte for byte",
            key=RecordKey.EVENT_NAME,
            partitioning=_BY_KEY,
            ordering="as the raw records they come from",
            delivery=Delivery.EXACTLY_ONCE,
            headers="conflict",
            written_by="the worker",
            other_events=True,
        ),
        "quarantine": TopicFacts(
            title="What is no event of this tenant",
            value="bodies that are no valid envelope or of another tenant, byte for byte as received, so they may be"
            " anything; for a body over the limit, or larger than this topic takes, a stub: its size and its hash;"
            " of export files the lines that are no such event, each with its file and number",
            key=RecordKey.NONE,
            partitioning="the raw record's, or one after the other where there is none",
            ordering="none",
            delivery=Delivery.AT_LEAST_ONCE_FROM_THE_INGRESS,
            headers="quarantine",
            written_by="the ingress, the worker and `bridge backfill`",
        ),
        "dedupe-changelog": _internal(
            "Keys seen",
            "rows of the table that tells duplicates",
            "the raw record's partition",
        ),
        "orders-changelog": _internal(
            "Facts of each order",
            "rows of the table of orders",
            "the `orders` record's partition",
        ),
        "rules": _internal(
            "The rules of the deployment",
            "partition count and rules version, and where each migration cut raw",
            "one partition",
            "`bridge topics apply` and `bridge topics migrate`",
        ),
        "backfill": _internal(
            "Progress of backfills", "how far each export file has been stored", "one partition", "`bridge backfill`"
        ),
    }
)
"""By dataset, in the order in which a person reads about them."""
