"""What can happen to an order: one function for each step, which emits the events of that step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from bridge.simulator.event import money, new_id
from bridge.simulator.order import Item, Order


def created(order: Order) -> None:
    """The order is placed, and its grace period starts."""
    order.emit("order.created", _order_document(order, "created"))


def opened(order: Order) -> None:
    """The grace period is over."""
    order.emit("order.opened", _order_document(order, "opened"))


def assigned(order: Order) -> None:
    """A location is to fulfil the order."""
    order.emit_request("assigned", order.items)


def rerouted(order: Order) -> None:
    """The location cannot, and another one is to."""
    order.emit_request("items_failed", order.items)
    order.reroute()
    order.emit_request("assigned", order.items)


def ready(order: Order) -> None:
    """The parcel waits for its customer or carrier."""
    order.emit_request("items_ready_for_handover", order.items)


def handed_over(order: Order) -> None:
    """One event for each line item, as NewStore does it, and the deprecated one for the whole order."""
    shipped_at = order.now.strftime("%Y-%m-%dT%H:%M:%S")  # without a zone, as seen
    tracking = {"carrier": "FEDEX", "tracking_code": f"TRK{order.rng.randrange(10**9):09d}", "shipped_at": shipped_at}
    for item in order.items:
        order.emit_request("items_completed", [item], **tracking)
    order.emit("order.shipped", {"id": order.id, "items": _lines(order.items, "complete")})


def invoiced(order: Order) -> None:
    """At packing."""
    total = money(order.grand_total)
    order.emit(
        "invoice.created",
        {"id": new_id(order.rng), "order_id": order.id, "total": total, "currency": order.currency},
    )


def authorized(order: Order) -> None:
    """The money is reserved."""
    order.emit_payment("amount_authorized", order.grand_total)


def captured(order: Order) -> None:
    """The money is taken."""
    order.emit_payment("amount_captured", order.grand_total)


def voided(order: Order) -> None:
    """The reserved money is released."""
    order.emit_payment("amount_voided", order.grand_total)


def completed(order: Order) -> None:
    """The order is closed."""
    order.emit("order.completed", {"id": order.id, "items": _lines(order.items, "complete")})


def cancelled(order: Order) -> None:
    """The whole order is cancelled."""
    order.emit("order.cancelled", {"id": order.id, "items": _lines(order.items, "cancelled")})


def first_item_cancelled(order: Order) -> None:
    """One line item is cancelled; what follows concerns the others, if there are any."""
    _items_event(order, "items_cancelled", order.items[:1], cancellation_reason="out of stock")
    order.items = order.items[1:] or order.items


def held(order: Order) -> None:
    """Nobody can fulfil the order at present."""
    order.emit_request("items_failed", order.items)
    _items_event(order, "items_on_hold", order.items)
    order.reroute()


def swapped(order: Order) -> None:
    """The first line item becomes another product under another id."""
    old, product_id = order.items[0], f"{order.rng.randrange(10**12):012d}-00"
    new = Item(new_id(order.rng), product_id, old.price, old.tax)
    order.items = [new, *order.items[1:]]
    _items_event(order, "items_swapped", [new], swapped_item_id=old.id)


def serial_numbers_added(order: Order) -> None:
    """The store scanned serial numbers."""
    serial_number = f"SN{order.rng.randrange(10**8):08d}"
    _items_event(order, "serial_numbers_added", order.items[:1], serial_number=serial_number)


def returned(order: Order) -> None:
    """The first line item comes back, and its money goes back under the return's id."""
    return_id, item = new_id(order.rng), order.items[0]
    order.emit("return.processed", _return_document(order, return_id, item, order.now))
    order.emit_payment("amount_refunded", item.price + item.tax, correlation_id=return_id)


def refunded(order: Order) -> None:
    """Money goes back without goods."""
    order.emit(
        "refund_request.issued",
        {
            "id": new_id(order.rng),
            "order_id": order.id,
            "payment_account_id": order.id,
            "amount": money(order.items[0].price // 2),
            "currency": order.currency,
            "return_reason": "Price adjustment",
            "reason_code": 2,
        },
    )
    order.emit_payment("amount_refunded", order.items[0].price // 2)


STEPS: Final[Mapping[str, Callable[[Order], None]]] = MappingProxyType(
    {
        step.__name__: step
        for step in (
            created, opened, assigned, rerouted, ready, handed_over, invoiced, authorized, captured, voided, completed,
            cancelled, first_item_cancelled, held, swapped, serial_numbers_added, returned, refunded,
        )
    }
)  # fmt: skip
"""Step by name, for the lifecycles."""


def _items_event(order: Order, name: str, items: list[Item], **fields: str) -> None:
    lines = [{"id": item.id, "product_id": item.product_id, **fields} for item in items]
    order.emit(f"order.{name}", {"id": order.id, "items": lines})


def _lines(items: list[Item], status: str) -> list[dict[str, Any]]:
    return [{"id": item.id, "product_id": item.product_id, "quantity": 1, "status": status} for item in items]


def _order_document(order: Order, item_status: str) -> dict[str, Any]:
    stamp = "%Y-%m-%dT%H:%M:%S.%fZ"
    return {
        "id": order.id,
        "external_id": f"SO{int(order.id[:8], 16)}",
        "created_at": order.events[0].published_at if order.events else order.now.strftime(stamp),
        "placed_at": order.placed_at.strftime(stamp),
        "channel_type": "web",
        "channel": "storefront",
        "is_exchange": False,
        "customer_email": order.customer_email,
        "is_historical": False,
        "shipping_address": {"first_name": "", "last_name": "Doe", "city": "Berlin", "country": "DE"},
        "price_method": "tax_excluded",
        "subtotal": money(order.subtotal),
        "discount_total": 0,
        "shipping_total": money(order.shipping),
        "shipping_tax": 0,
        "tax_total": money(order.tax_total),
        "grand_total": money(order.grand_total),
        "currency": order.currency,
        "tax_exempt": False,
        "extended_attributes": [],
        "items": [_item_document(item, item_status) for item in order.items],
    }


def _item_document(item: Item, status: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "item_type": "product",
        "product_id": item.product_id,
        "pricebook_id": "default",
        "pricebook_price": money(item.price),
        "list_price": money(item.price),
        "item_discounts": 0,
        "order_discounts": 0,
        "tax": money(item.tax),
        "quantity": 1,
        "status": status,
        "extended_attributes": [],
        "external_identifiers": {"sku": item.product_id},
    }


def _return_document(order: Order, return_id: str, item: Item, returned_at: datetime) -> dict[str, Any]:
    refund, tax = money(item.price + item.tax), money(item.tax)
    line = {
        "id": item.id,
        "product_id": item.product_id,
        "quantity": 1,
        "refund_amount": refund,
        "refund_amount_adjusted": refund,
        "refund_tax": tax,
        "return_reason": "Other",
        "return_code": 12,
        "item_condition": "Sellable",
        "condition_code": 1,
    }
    return {
        "id": return_id,
        "order_id": order.id,
        "returned_at": returned_at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "total_refund_amount": refund,
        "total_refund_amount_adjusted": refund,
        "total_refund_excl_tax": money(item.price),
        "total_refund_tax": tax,
        "return_fee": 0,
        "currency": order.currency,
        "return_location_id": order.location,
        "items": [line],
    }
