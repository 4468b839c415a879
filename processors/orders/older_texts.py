"""Texts, objects and currencies in rows of older versions, which kept U+0000, each spelling of a currency, and what
common readers refuse. Today's readers read again what was kept, because raw may have lost the events. Ids stay as they
are."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, Final

from msgspec import Raw

from processors.orders.payload import (
    LISTED_FIELDS,
    ORDER_FIELDS,
    REFUND_REQUEST_FIELDS,
    RETURN_FIELDS,
    RETURNED_FIELDS,
    Reader,
)
from processors.orders.said import Transaction
from processors.orders.slots import ItemSlots, OrderSlots, RequestedItemSlots, RequestSlots
from processors.orders.values import code, currency, json_object, json_objects, text

_TEXTS: Final = {text, code}
_OBJECTS: Final = {json_object, json_objects}
_STATED: Final[Mapping[type, Iterable[str]]] = {
    ItemSlots: ("product", "location", "service_level", "cancellation_reason"),
    RequestSlots: ("location", "service_level", "associate_id"),
    RequestedItemSlots: ("product", "carrier", "tracking_code"),
}
_STATUSES: Final = ("completed", "shipped", "cancelled")
"""Statuses of an item; '' where an end of the order states none."""
_OF_TRANSACTIONS: Final[Mapping[str, Reader]] = {
    "currency": currency,
    **dict.fromkeys(("payment_method", "payment_wallet", "payment_provider"), text),
}


def reread_texts(slots: OrderSlots) -> None:
    """Read texts and objects again as today's rules do, in place."""
    for listed in filter(None, (slots.created, slots.opened)):
        _relist(listed[1][0])
    for item in slots.items.values():
        _item(item)
    for request in slots.requests.values():
        _restate(request)
        for requested in request.items.values():
            _restate(requested)
    # Keep the old spelling, too: when the order goes, so must its index row by that spelling.
    slots.tracking_codes = list(dict.fromkeys([*slots.tracking_codes, *filter(None, map(text, slots.tracking_codes))]))
    for told in chain.from_iterable(by_fact.values() for by_fact in slots.payments.values()):
        for transaction in told:
            _reread(transaction, map(_OF_TRANSACTIONS.get, Transaction._fields))
    for _, (fields, lines) in slots.returns.values():
        _reread(fields, RETURN_FIELDS.values())
        for line in lines:
            _reread(line, RETURNED_FIELDS.values())
    for _, fields in slots.refund_requests.values():
        _reread(fields, REFUND_REQUEST_FIELDS.values())


def _relist(fields: dict[str, Any]) -> None:
    for name in [*fields]:
        if (value := _again(ORDER_FIELDS[name], fields.pop(name))) is not None:
            fields[name] = value


def _item(item: ItemSlots) -> None:
    _restate(item)
    for name in _STATUSES:
        if (stated := getattr(item, name)) is not None:
            setattr(item, name, (stated[0], text(stated[1]) or ""))
    for listed in filter(None, (item.created, item.opened)):
        _reread(listed[1], LISTED_FIELDS.values())


def _restate(slots: ItemSlots | RequestSlots | RequestedItemSlots) -> None:
    for name in _STATED[type(slots)]:
        if (stated := getattr(slots, name)) is not None:
            setattr(slots, name, None if (value := text(stated[1])) is None else (stated[0], value))


def _reread(fields: list[Any], readers: Iterable[Reader | None]) -> None:
    for number, (read, value) in enumerate(zip(readers, fields, strict=False)):  # an older row may have fewer
        fields[number] = _again(read, value)


def _again(read: Reader | None, value: Any) -> Any:
    if read in _TEXTS:
        return text(value)
    if read is currency:
        return currency(value)
    return read(Raw(value)) if read in _OBJECTS else value
