"""Orders that no retailer has: any event about any item at any time, so that rules meet that seldom do.

NewStore could send all these values; other tests have those that are none."""

import itertools
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.programs.checker.expected import Expected
from tests.programs.checker.meaning import Meaning
from tests.programs.checker.names import ORDERS
from tests.unit.processors.orders.facts import TENANT
from tests.unit.programs.checker.folded import stored

Json = dict[str, Any]

_ITEMS, _REQUESTS, _TRANSACTIONS = ("a", "b", "c", "d"), ("r1", "r2", "r3"), ("t1", "t2", "t3")
_RETURNS, _REFUND_REQUESTS = ("return-1", "return-2"), ("refund-1", "refund-2")
_EXCHANGED = "return-9"
_STATUSES = ("complete", "returned", "cancelled", "pending", "odd", None)
_AMOUNTS = (0, 5, 12.5, -7.25, "3.10", 40, None)
_NO_TRANSACTIONS: tuple[Any, ...] = ({"id": "t1", "amount": 5}, [], None, ["t1"], [[{"id": "t1"}], None])
_CURRENCIES = ("EUR", "EUR", "EUR", "eur", " EUR", "USD", None)
_MOMENTS = 12
"""So few that many events share one."""
_NANOSECONDS = 1_767_225_600_000_000_000
"""As some clocks count them."""

_NAMES = (
    *("order.created", "order.created", "order.opened", "order.opened", "order.completed", "order.cancelled"),
    *("order.shipped", "order.items_cancelled", "order.items_on_hold", "order.items_swapped"),
    *("order.serial_numbers_added", "order.something_new", "fulfillment_request.something_new"),
    *(f"fulfillment_request.{step}" for step in ("assigned", "items_completed", "items_failed")),
    *(f"fulfillment_request.{step}" for step in ("assigned", "items_completed", "items_ready_for_handover")),
    *("invoice.created", "return.processed", "return.processed", "refund_request.issued"),
    *(f"payment_account.amount_{action}" for action in ("authorized", "captured", "captured", "voided")),
    *("payment_account.amount_refunded", "payment_account.amount_refunded"),
)
_HELD_BACK = "order.created"
"""What contradicts one of these is not folded, so each order has one at most."""


def wild_orders(rng: Random, orders: int) -> Iterator[Expected]:
    """Their events, as read from the raw topic, shuffled."""
    said = [(number, *event) for number in range(orders) for event in _events(rng, f"order-{number}")]
    rng.shuffle(said)
    for (number, event, _), raw in zip(said, stored(body for *_, body in said), strict=True):
        order = f"order-{number}"
        yield Expected(ORDERS, order.encode(), raw, Meaning(f"{order} {event}", raw.offset, ORDERS, order, order))


def _events(rng: Random, order: str) -> Iterator[tuple[str, bytes]]:
    """Each event's identity, under which two may contradict each other, and its body."""
    created = False
    for number, name in enumerate(rng.choices(_NAMES, k=rng.randrange(1, 16))):
        if created and name == _HELD_BACK:
            continue
        created |= name == _HELD_BACK
        event, payload = _payload(rng, name, order, number)
        envelope = {
            "tenant": TENANT,
            "name": name,
            "published_at": f"2026-01-01T00:00:{rng.randrange(_MOMENTS):02}Z",
            "payload": {**payload, "number": number},  # otherwise two of them could be the same event
        }
        yield f"{name} {event}", json.dumps(envelope).encode()


def _payload(rng: Random, name: str, order: str, number: int) -> tuple[str, Json]:
    entity, _, step = name.partition(".")
    match entity:
        case "order":
            once = step in {"created", "opened", "completed", "cancelled", "shipped"}
            return "" if once else str(number), {"id": order, **_of_order(rng, step)}
        case "fulfillment_request":
            turn = 100 - number + (_NANOSECONDS if number % 3 == 0 else 0)
            return str(number), {**_of_request(rng), "order_id": order, "logical_timestamp": turn}
        case "payment_account":
            moved, payload = _of_payment(rng, number)
            return moved, {"id": order, "order_id": order, **payload}
        case "return":
            return (key := rng.choice(_RETURNS)), {"id": key, "order_id": order, **_of_return(rng)}
        case "refund_request":
            amount = {"amount": rng.choice(_AMOUNTS), "currency": "EUR", "note": f"note {number}"}
            return (key := rng.choice(_REFUND_REQUESTS)), {"id": key, "order_id": order, **amount}
        case _:
            return str(number), {"id": f"{entity}-{number}", "order_id": order}


def _of_order(rng: Random, step: str) -> Json:
    if step in {"created", "opened"}:
        listed = [_listed(rng, item) for item in _some(rng, _ITEMS)]
        head = _head(rng)
        if (method := head.get("price_method")) is not None and rng.random() < 0.8:  # else none of these would add up
            head["grand_total"] = sum(_worth(item, method) for item in listed)
            if rng.random() < 0.3:
                head |= _shipping(rng, head["grand_total"], sum(_discounts(item) for item in listed))
        if rng.random() < 0.1:
            unclear: list[Any] = [{"product_id": "p"}, _listed(rng, rng.choice(listed)["id"]), "odd"]
            listed.append(rng.choice(unclear))
        return {"items": listed, **head}
    if step in {"completed", "cancelled", "shipped"}:
        return {"items": [_ended(rng, item) for item in _some(rng, _ITEMS) for _ in range(rng.choice((1, 1, 1, 2)))]}
    if step == "items_swapped":
        old, new = rng.sample(_ITEMS, 2)
        return {"items": [{"id": new, "sales_order_item_uuid": old, "product_id": "swapped"}]}
    named = [item for item in _some(rng, _ITEMS) for _ in range(rng.choice((1, 1, 1, 2)))]
    return {"items": [_named(rng, item) for item in named]}


def _named(rng: Random, item: str) -> Json:
    reason = rng.choice(("out_of_stock", "", "cus\0tomer"))
    return {"id": item, "product_id": rng.choice((f"p-{item}", None)), "cancellation_reason": reason}


def _head(rng: Random) -> Json:
    fields: Json = {
        "external_id": rng.choice(("E1", "E2", "")),
        "currency": rng.choice(_CURRENCIES),
        "grand_total": rng.choice(_AMOUNTS),
        "price_method": rng.choice(("tax_excluded", "tax_excluded", "tax_included")),
        "is_historical": rng.choice((*(False,) * 18, True, "True")),
        "is_exchange": rng.choice((*(False,) * 18, True, "true ")),
        "placed_at": "2026-01-01 00:00:00.10+01:00",
        "customer_email": rng.choice(("ada@example.com", "")),
        "shipping_address": {"city": "Zürich", "floor": 1.50},
        "discounts": [{"coupon_code": "C", "price_adjustment": 10}],
        "exchanges": [{"order_id": "other", "return_id": _EXCHANGED}],
    }
    return {field: value for field, value in fields.items() if rng.random() < 0.7}


def _shipping(rng: Random, worth: float, discounts: float) -> Json:
    """What shipping costs, and what a promotion takes off it."""
    cost, off = rng.choice((4, 9.5)), rng.choice((0, 4, 5, 9.5))
    return {"shipping_total": cost, "discount_total": discounts + off, "grand_total": worth + cost - min(cost, off)}


def _listed(rng: Random, item: str) -> Json:
    amounts = {field: rng.choice((1, 2.5, 0)) for field in ("list_price", "item_discounts", "order_discounts", "tax")}
    kind = "product" if rng.random() < 0.9 else rng.choice(("gift-wrapping", "shipping", "Shipping ", None))
    quantity = rng.choice((1, 1, 2, 3, None))
    return {"id": item, "item_type": kind, "product_id": f"p-{item}", "quantity": quantity, **amounts}


def _worth(item: Json, price_method: str) -> float:
    tax = item["tax"] if price_method == "tax_excluded" else 0
    return float(item["list_price"] * (item["quantity"] or 1) + tax - _discounts(item))


def _discounts(item: Json) -> float:
    return float(item["item_discounts"] + item["order_discounts"])


def _ended(rng: Random, item: str) -> Json:
    return {
        "id": item,
        "product_id": f"p-{item}",
        "quantity": rng.choice((1, 2, None)),
        "status": rng.choice(_STATUSES),
        "fulfillment_location_id": rng.choice(("STORE", None)),
        "shipping_service_level": rng.choice(("EXPRESS", None)),
    }


def _of_request(rng: Random) -> Json:
    lines = [item for item in _some(rng, _ITEMS) for _ in range(rng.choice((1, 1, 1, 2)))]
    sent = (
        {"carrier": rng.choice(("UPS", "DHL")), "tracking_code": f"T{rng.randrange(9)}"} if rng.random() < 0.5 else {}
    )
    return {
        "id": rng.choice(_REQUESTS),
        "service_level": rng.choice(("IN_STORE_HANDOVER", "EXPRESS", "EXPRESS", None)),
        "fulfillment_location_id": rng.choice(("STORE", "WAREHOUSE", "")),
        "items": [{"id": item, "product_id": f"p-{item}", **sent} for item in lines],
    }


def _of_payment(rng: Random, number: int) -> tuple[str, Json]:
    moved: list[Json] = [
        {
            "id": transaction,
            "instrument_id": rng.choice(("card", "gift", "other")),
            "amount": rng.choice(_AMOUNTS),
            "currency": rng.choice(_CURRENCIES),
            "correlation_id": rng.choice((*_RETURNS, *_REFUND_REQUESTS, transaction, "unknown", _EXCHANGED, None)),
        }
        for transaction in (*_some(rng, _TRANSACTIONS), *rng.choices(_TRANSACTIONS, k=rng.random() < 0.1))
    ]
    methods = {"card": "credit_card", "gift": "gift_card", "other": rng.choice(("cash", None, None))}
    instruments = [{"id": each, "payment_method": method} for each, method in methods.items()]
    if rng.random() < 0.03:
        return str(number), {"transactions": rng.choice(_NO_TRANSACTIONS)}
    payload = {"transactions": moved, "instruments": instruments if number % 3 else []}
    return " ".join(sorted(transaction["id"] for transaction in moved)), payload


def _of_return(rng: Random) -> Json:
    kinds = ("product", "product", None, "shipping", "SHIPPING")
    lines: list[Any] = [
        {"id": item, "quantity": rng.choice((1, 1, 2, -2, None)), "item_type": rng.choice(kinds)}
        for item in itertools.chain(_some(rng, _ITEMS), rng.sample(("ship-1", "stranger"), rng.randrange(2)))
    ]
    totals = ("total_refund_amount", "total_refund_amount_adjusted", "return_fee")
    amounts = {total: rng.choice((*_AMOUNTS, "4,95", "")) for total in totals}
    unread = rng.choice(([*lines, "odd"], {"a": lines[0]})) if rng.random() < 0.05 else lines
    return {"items": unread, "currency": rng.choice(_CURRENCIES), **amounts}


def _some(rng: Random, of: tuple[str, ...]) -> list[str]:
    return rng.sample(of, rng.randrange(1, len(of)))
