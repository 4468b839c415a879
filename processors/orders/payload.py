"""What is read of each event's payload: by event name, only the fields that order states are made of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from processors.orders.ended import closed_by
from processors.orders.said import (
    Closed,
    Invoiced,
    Listed,
    Named,
    RefundRequested,
    Requested,
    Returned,
    Said,
    Swapped,
    Transaction,
)
from processors.orders.values import (
    all_members,
    code,
    currency,
    flag,
    is_said,
    json_object,
    json_objects,
    members,
    moment,
    money,
    quantity,
    text,
    unsigned,
    unsigned_quantity,
    whole_number,
)
from schemas.text import usable_id

Json = Mapping[str, Any]
Reader = Callable[[object], Any]
"""Returns None where there is nothing usable."""

ORDER_FIELDS: Final[Mapping[str, Reader]] = {
    "external_id": usable_id,
    "created_at": moment,
    "placed_at": moment,
    "channel_type": text,
    "channel": text,
    "is_historical": flag,
    "is_exchange": flag,
    "associate_id": text,
    "demand_location_id": text,
    "currency": currency,
    "price_method": text,
    "subtotal": money,
    "discount_total": money,
    "shipping_total": money,
    "shipping_tax": money,
    "tax_total": money,
    "grand_total": money,
    "tax_strategy": text,
    "tax_exempt": flag,
    "discounts": json_objects,
    "extended_attributes": json_objects,
    "customer_id": usable_id,
    "external_customer_id": usable_id,
    "customer_email": text,
    "billing_address": json_object,
    "shipping_address": json_object,
}
"""Fields of `order.created` and `order.opened`, besides `exchanges` and `items`."""

LISTED_FIELDS: Final[Mapping[str, Reader]] = {
    "product_id": text,
    "item_type": text,
    "quantity": quantity,
    "list_price": money,
    "item_discounts": money,
    "order_discounts": money,
    "tax": money,
    "shipping_service_level": text,
}
"""Fields of an item in the order's own list."""

RETURN_FIELDS: Final[Mapping[str, Reader]] = {
    "returned_at": moment,
    "return_location_id": text,
    "associate_id": text,
    "currency": currency,
    "total_refund_amount": unsigned,
    "total_refund_amount_adjusted": unsigned,
    "total_refund_excl_tax": money,
    "total_refund_tax": money,
    "return_fee": unsigned,
}
RETURNED_FIELDS: Final[Mapping[str, Reader]] = {
    "id": usable_id,
    "product_id": text,
    "item_type": text,
    "quantity": unsigned_quantity,
    "refund_amount": money,
    "refund_amount_adjusted": money,
    "refund_excl_tax": money,
    "refund_tax": money,
    "return_reason": text,
    "return_code": code,
    "item_condition": text,
    "condition_code": code,
}
REFUND_REQUEST_FIELDS: Final[Mapping[str, Reader]] = {
    "amount": unsigned,
    "currency": currency,
    "payment_account_id": usable_id,
    "requested_at": moment,
    "return_reason": text,
    "reason_code": code,
    "note": text,
}


def said_of(event: str, payload: Json) -> Said:
    """Return what the event says about its order."""
    read = _READERS.get(event)
    return None if read is None else read(payload)


def _fields(source: Json, readers: Mapping[str, Reader]) -> list[Any]:
    return [None if (said := source.get(name)) is None else read(said) for name, read in readers.items()]


def _listing(payload: Json) -> Listed:
    fields = {
        name: value
        for name, read in ORDER_FIELDS.items()
        if (said := payload.get(name)) is not None and (value := read(said)) is not None
    }
    exchanges = None
    if isinstance(payload.get("exchanges"), list):
        exchanges = [
            (usable_id(each.get("order_id")), usable_id(each.get("return_id")))
            for each in members(payload, "exchanges")
        ]
    items: dict[str, list[Any]] = {}
    for item, said in _items(payload):
        # Nobody knows how many pieces two lines are: other events have a line for each piece, or name a piece again.
        one = said if item not in items else {**said, "quantity": None}
        items[item] = _fields(one, LISTED_FIELDS)
    is_clear = len(items) == (len(listed) if isinstance(listed := payload.get("items"), list) else 0)
    return Listed(fields, exchanges, items, is_clear)


def _items(payload: Json) -> list[tuple[str, Json]]:
    """Items that have a usable id."""
    found = [(usable_id(said.get("id")), said) for said in members(payload, "items")]
    return [(item, said) for item, said in found if item is not None]


def _closed(payload: Json) -> Closed:
    return closed_by(_items(payload))


def _named(payload: Json) -> Named:
    items: dict[str, tuple[str | None, str | None, int]] = {}
    for item, said in _items(payload):
        product, reason, before = items.get(item, (None, None, 0))
        items[item] = (
            text(said.get("product_id")) or product,
            text(said.get("cancellation_reason")) or reason,
            before + 1,
        )
    return Named(items)


def _swapped(payload: Json) -> Swapped:
    said = members(payload, "items") or [dict(payload)]
    ids = [[id_ for name, value in each.items() if _names_an_id(name) and (id_ := usable_id(value))] for each in said]
    return Swapped(_named(payload).items, [sorted(set(each)) for each in ids if len(set(each)) > 1])


def _names_an_id(field: str) -> bool:
    return field.lower().endswith(("id", "uuid"))


def _requested(payload: Json) -> Requested:
    items: dict[str, tuple[str | None, str | None, str | None, str | None, int]] = {}
    for item, said in _items(payload):
        before = items.get(item, (None, None, None, None, 0))
        items[item] = (
            text(said.get("product_id")) or before[0],
            text(said.get("carrier")) or before[1],
            text(said.get("tracking_code")) or before[2],
            moment(said.get("shipped_at")) or before[3],
            before[4] + 1,
        )
    return Requested(
        usable_id(payload.get("id")),
        -1 if (turn := whole_number(payload.get("logical_timestamp"))) is None else turn,
        text(payload.get("fulfillment_location_id")),
        text(payload.get("service_level")),
        text(payload.get("associate_id")),
        items,
    )


def _transactions(payload: Json) -> list[Transaction]:
    """Return at least one transaction: something moved, whatever they look like. An unreadable one has no amount."""
    instruments = {usable_id(each.get("id")): each for each in members(payload, "instruments")}
    return [_transaction(each, instruments) for each in all_members(payload, "transactions") or [{}]]


def _transaction(said: Json, instruments: Mapping[str | None, Json]) -> Transaction:
    instrument_id = usable_id(said.get("instrument_id"))
    instrument = {} if instrument_id is None else instruments.get(instrument_id, {})
    return Transaction(
        usable_id(said.get("id")),
        unsigned(said.get("amount")),
        currency(said.get("currency")),
        usable_id(said.get("correlation_id")),
        instrument_id,
        text(instrument.get("payment_method")),
        text(instrument.get("payment_wallet")),
        text(instrument.get("payment_provider")),
    )


def _line(said: Json) -> Json:
    """Read `type` as `item_type` if that is not there: a line may have either."""
    return said if text(said.get("item_type")) or "type" not in said else {**said, "item_type": said["type"]}


def _returned(payload: Json) -> Returned:
    lines = [_fields(_line(said), RETURNED_FIELDS) for said in all_members(payload, "items")]
    fields = _fields(payload, RETURN_FIELDS)
    return Returned(usable_id(payload.get("id")), fields, lines, _is_promise_clear(payload, fields))


def _is_promise_clear(payload: Json, fields: Sequence[Any]) -> bool:
    """Whether what goes back is clear. False: the adjusted amount cannot be read, or there is none and the fee
    cannot."""
    read = dict(zip(RETURN_FIELDS, fields, strict=True))
    counts = ("total_refund_amount_adjusted", "return_fee")
    if read[counts[0]] is not None:
        return True
    return not any(read[name] is None and is_said(payload.get(name)) for name in counts)


def _refund_requested(payload: Json) -> RefundRequested:
    return RefundRequested(usable_id(payload.get("id")), _fields(payload, REFUND_REQUEST_FIELDS))


def _invoiced(payload: Json) -> Invoiced:
    return Invoiced(usable_id(payload.get("id")))


_READERS: Final[Mapping[str, Callable[[Json], Said]]] = {
    "order.created": _listing,
    "order.opened": _listing,
    "order.shipped": _closed,
    "order.completed": _closed,
    "order.cancelled": _closed,
    "order.items_cancelled": _named,
    "order.items_on_hold": _named,
    "order.serial_numbers_added": _named,
    "order.items_swapped": _swapped,
    "fulfillment_request.assigned": _requested,
    "fulfillment_request.items_ready_for_handover": _requested,
    "fulfillment_request.items_failed": _requested,
    "fulfillment_request.items_completed": _requested,
    "payment_account.amount_authorized": _transactions,
    "payment_account.amount_captured": _transactions,
    "payment_account.amount_voided": _transactions,
    "payment_account.amount_refunded": _transactions,
    "return.processed": _returned,
    "refund_request.issued": _refund_requested,
    "invoice.created": _invoiced,
}
