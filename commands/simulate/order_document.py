"""An order's document as in `order.created` and `order.opened`."""

from collections.abc import Sequence

from commands.simulate.event import Json
from commands.simulate.order import Order
from commands.simulate.prices import Line, money
from commands.simulate.shop import address


def begin_document(order: Order) -> None:
    """Set the parts that never change, when the order is placed."""
    order.base = {**_head(order), **_whose(order), **_addresses(order)}


def document(order: Order, item_status: str) -> Json:
    """The whole order. Totals are sums over its present items."""
    lines = order.lines
    return {
        **order.base,
        "price_method": "tax_excluded",
        "subtotal": money(sum(line.product.price for line in lines)),
        "discount_total": money(sum(line.discount for line in lines)),
        "shipping_total": money(order.shipping),
        "shipping_tax": money(order.shipping_tax),
        "tax_total": money(sum(line.tax for line in lines)),
        "grand_total": money(order.grand_total),
        "currency": order.market.currency,
        "tax_strategy": "avalara",
        "tax_exempt": False,
        "extended_attributes": [{"name": "gift_wrapping", "value": "false"}] if len(lines) > 2 else [],
        "items": [_item(order, line, item_status) for line in lines],
    }


def lines_with(lines: Sequence[Line], status: str) -> list[Json]:
    """The items of an event that closes them."""
    return [{"id": line.id, "product_id": line.product.id, "quantity": 1, "status": status} for line in lines]


def service_level(order: Order) -> str:
    """How the order reaches its customer."""
    return "IN_STORE_HANDOVER" if order.origin.in_store else "TRADITIONAL_CARRIER"


def _head(order: Order) -> Json:
    time, origin = order.time, order.origin
    store = time.rng.choice(order.market.stores)
    in_store = {
        "associate_id": origin.people.some_employee(time.rng, origin.number),
        "associate_email": "associate@example.com",
        "demand_location_id": store,
    }
    exchanges = [{"order_id": order_id, "return_id": return_id} for order_id, return_id in _exchanged(order)]
    return {
        "external_id": f"ML{int(order.id[:8], 16):010d}",
        "created_at": time.stamp(),
        "placed_at": time.stamp(time.rng.uniform(0.05, 5)),
        **(in_store if origin.in_store else {}),
        "channel_type": "store" if origin.in_store else time.rng.choice(("web", "web", "mobile")),
        "channel": store if origin.in_store else "storefront",
        "is_exchange": bool(exchanges),
        **({"exchanges": exchanges} if exchanges else {}),
        "is_historical": origin.is_historical,
    }


def _exchanged(order: Order) -> list[tuple[str, str]]:
    return [order.origin.exchange_of] if order.origin.exchange_of else []


def _whose(order: Order) -> Json:
    """The customer. A guest has no id; in a store there is often no email address, either."""
    rng, origin = order.time.rng, order.origin
    customer = origin.people.some_customer(rng, origin.number) if rng.random() < 0.6 else None
    if customer is None:
        return {"customer_email": "" if origin.in_store else f"guest-{rng.randrange(10**6)}@example.com"}
    return {
        "customer_email": f"{customer[:8]}@example.com",
        "customer_id": customer,
        "external_customer_id": f"C{int(customer[:6], 16)}",
    }


def _addresses(order: Order) -> Json:
    shipping = address(order.time.rng, order.market)
    billing = {"billing_address": shipping} if order.time.happens(0.7) else {}
    return {**billing, "shipping_address": shipping}


def _item(order: Order, line: Line, status: str) -> Json:
    details = [{"name": name, "amount": money(cents), "rate": rate / 10_000} for name, rate, cents in line.taxes]
    return {
        "id": line.id,
        "item_type": "product",
        "product_id": line.product.id,
        "pricebook_id": "default",
        "pricebook_price": money(line.product.price),
        "list_price": money(line.product.price),
        "item_discounts": money(line.item_discount),
        "order_discounts": money(line.order_discount),
        "tax": money(line.tax),
        "tax_provider_details": details,
        "quantity": 1,
        "status": status,
        "extended_attributes": [],
        "external_identifiers": line.product.identifiers,
        "shipping_service_level": service_level(order),
        "is_preorder": False,
    }
