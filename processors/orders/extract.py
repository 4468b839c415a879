"""What the fold needs of each event's payload, and nothing more: a routing table from event name to fields.

Payloads are read leniently. A field of an unexpected type counts as absent, never as an error: the event itself
stays in the timeline, and its body in the raw topic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.instant import instant_of, is_time
from schemas.money import amount_of, plain
from schemas.routing import usable_id

Data = dict[str, Any]
"""JSON of one fact: the fields of its `Shape` that were usable, `items` as a list of the same. Nothing is null."""

Reader = Callable[[object], object]
"""Returns a JSON value, None if there is nothing usable."""

_MAX_TEXT: Final = 200

_MAX_QUANTITY_DIGITS: Final = 9


def money(value: object) -> str | None:
    """Return an amount as a decimal string in its one normal form, None if `value` is no amount.

    `value` comes from `exact_json.parse`; a string that holds a decimal number counts too. The normal form is
    that of `schemas.money.plain`.
    """
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is float:
        text = repr(value)  # parse() gives a float only where its shortest form is the text as written
    elif isinstance(value, str):
        text = value.strip()
    else:
        return None
    amount = amount_of(text)
    return None if amount is None else plain(amount)


def quantity(value: object) -> int | None:
    """Return a count of pieces: a whole number from 0 up to nine digits, however it is spelt; else None."""
    if type(value) is int and 0 <= value < 10**_MAX_QUANTITY_DIGITS:
        return value
    text = money(value)
    return int(text) if text is not None and text.isdigit() and len(text) <= _MAX_QUANTITY_DIGITS else None


def text(value: object) -> str | None:
    """Return free text or a code as text, cut at 200 characters; None for anything else, and for ''."""
    return usable_id(value[:_MAX_TEXT] if type(value) is str else value)


def moment(value: object) -> str | None:
    """Return a date-time normalised as `published_at` is (no zone means UTC), None if it is none."""
    instant = instant_of(value) if isinstance(value, str) else None
    return instant if instant is not None and is_time(instant) else None


@dataclass(frozen=True, slots=True)
class Shape:
    """Which fields of a payload, and of each member of its `items`, are kept and how each is read."""

    fields: Mapping[str, Reader]
    items: Mapping[str, Reader]


_ITEM: Final[Mapping[str, Reader]] = {"id": usable_id, "product_id": text}
_ORDERED: Final = Shape(
    fields={},
    items={
        **_ITEM,
        "item_type": text,
        "quantity": quantity,
        "list_price": money,
        "item_discounts": money,
        "order_discounts": money,
        "tax": money,
        "shipping_service_level": text,
    },
)
_CLOSED: Final = Shape(
    fields={},
    items={
        **_ITEM,
        "quantity": quantity,
        "status": text,
        "fulfillment_location_id": text,
        "shipping_service_level": text,
    },
)
_NAMED: Final = Shape(fields={}, items={**_ITEM, "fulfillment_location_id": text, "cancellation_reason": text})
_REQUEST: Final = Shape(
    fields={"id": usable_id, "fulfillment_location_id": text},
    items={**_ITEM, "carrier": text, "tracking_code": text, "shipped_at": moment},
)
_RETURN: Final = Shape(
    fields={
        "id": usable_id,
        "returned_at": moment,
        "return_location_id": text,
        "associate_id": text,
        "currency": text,
        "total_refund_amount": money,
        "total_refund_amount_adjusted": money,
        "total_refund_excl_tax": money,
        "total_refund_tax": money,
        "return_fee": money,
    },
    items={
        **_ITEM,
        "quantity": quantity,
        "refund_amount": money,
        "refund_amount_adjusted": money,
        "refund_excl_tax": money,
        "refund_tax": money,
        "return_reason": text,
        "return_code": text,
        "item_condition": text,
        "condition_code": text,
    },
)

_SHAPES: Final[Mapping[str, Shape]] = {
    "order.created": _ORDERED,
    "order.opened": _ORDERED,
    "order.shipped": _CLOSED,
    "order.completed": _CLOSED,
    "order.cancelled": _CLOSED,
    "order.items_on_hold": _NAMED,
    "order.items_cancelled": _NAMED,
    "order.items_swapped": _NAMED,
    "return.processed": _RETURN,
}


def data_of(event: str, payload: Mapping[str, Any]) -> Data:
    """Return what the fold needs of `payload`; `{}` for events it only lists in the timeline."""
    shape = _REQUEST if event.startswith("fulfillment_request.") else _SHAPES.get(event)
    if shape is None:
        return {}
    data = _read(payload, shape.fields)
    members = payload.get("items")
    if isinstance(members, list):
        data["items"] = [_read(member, shape.items) for member in members if isinstance(member, dict)]
    return data


def _read(source: Mapping[str, Any], fields: Mapping[str, Reader]) -> Data:
    return {
        name: value for name, read in fields.items() if name in source and (value := read(source[name])) is not None
    }
