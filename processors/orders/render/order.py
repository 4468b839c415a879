"""The order as a whole: what `order.opened` says of it, and `order.created` where order.opened says nothing."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Raw

from processors.orders.render.structs import Customer, Exchange, OrderDetails
from processors.orders.slots import OrderSlots, value_of

_DETAILS: Final[dict[str, Any]] = dict.fromkeys(OrderDetails.__struct_fields__)
_CUSTOMER: Final[dict[str, Any]] = dict.fromkeys(Customer.__struct_fields__)


def details_of(slots: OrderSlots) -> dict[str, Any]:
    """Return the order's own fields that are known, flat, and its `exchanges`."""
    created, opened = value_of(slots.created), value_of(slots.opened)
    fields: dict[str, Any] = {}
    for said in (created, opened):
        if said is not None:
            fields.update(said[0])
            if said[1] is not None:
                fields["exchanges"] = said[1]
    return fields


def order_document(details: Mapping[str, Any], current_total: str | None) -> Any:
    """Return the document's `order`, once `order.created` or `order.opened` came."""
    document, customer = _DETAILS.copy(), _CUSTOMER.copy()
    for name, value in details.items():
        block = customer if name in _CUSTOMER else document
        block[name] = Raw(value) if type(value) is bytes else value
    if document["exchanges"] is not None:
        document["exchanges"] = [Exchange(order_id=order, return_id=return_) for order, return_ in details["exchanges"]]
    document["current_total"] = current_total
    document["customer"] = Customer(**customer)
    return OrderDetails(**document)
