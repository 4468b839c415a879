"""An order's document as flat records, one for each of its items. Pure.

They are a second form of the document: whatever it says of an order and its items, they say, and nothing of their own.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from processors.orders.render.document import as_json
from processors.orders.render.documents import Item, OrderDetails, OrderLine
from schemas.order_line import OrderLineKey

_WHOLE_ORDER: Final = "order_"
"""Before the names of amounts that are not the line's own."""
_OF_LINE: Final = frozenset({"line_id", "line_status"})
_FIELDS: Final = OrderLine.__struct_fields__
_DETAILS: Final = {
    name: name.removeprefix(_WHOLE_ORDER)
    for name in _FIELDS
    if name not in Item.__struct_fields__ and name.removeprefix(_WHOLE_ORDER) in OrderDetails.__struct_fields__
}
"""Fields of a line, and those of the order as a whole that they are."""
_ITEM: Final = tuple(name for name in _FIELDS if name in Item.__struct_fields__)


class Line(NamedTuple):
    """A record: without a value it deletes the line that was there."""

    key: bytes
    value: bytes | None


def order_lines(document: Any, most_bytes: int = 0) -> list[Line]:
    """Return the lines of an order by its document, in the order of their ids.

    All of them have at most so many bytes together, 0: any number. What is beyond is deleted: each event writes them
    all, and an order of some 6,000 items writes as much as a record may have. `line_count` tells of all.
    """
    whole, details = _of_order(document), document.order
    whole |= {name: getattr(details, of) if details else None for name, of in _DETAILS.items()}
    lines, left = list[Line](), most_bytes
    for line_id, item in document.items.items():
        own = {name: getattr(item, name) for name in _ITEM}
        value = as_json(OrderLine(**whole, **own, line_id=line_id, line_status=item.status))
        left -= len(value)
        lines.append(Line(_key(document.order_id, line_id), None if most_bytes and left < 0 else value))
    return lines


def deleted_lines(order_id: str, line_ids: Iterable[str]) -> Iterator[Line]:
    """Return what deletes these lines."""
    return (Line(_key(order_id, line_id), None) for line_id in line_ids)


def _of_order(document: Any) -> dict[str, Any]:
    return {
        "order_id": document.order_id,
        "line_count": len(document.items),
        "version": document.version,
        "revision": document.revision,
        "tenant": document.tenant,
        "order_status": document.status,
        "fulfillment_status": document.fulfillment_status,
        "payment_status": document.payment_status,
        "return_status": document.return_status,
        "provisional": document.provisional,
        "incomplete": document.incomplete,
        "partial_history": document.partial_history,
        "first_received_at": document.first_received_at,
        "last_received_at": document.last_received_at,
    }


def _key(order_id: str, line_id: str) -> bytes:
    """Compaction and consumers tell keys by their bytes: these never change."""
    return as_json(dict(zip(OrderLineKey.model_fields, (order_id, line_id), strict=True)))
