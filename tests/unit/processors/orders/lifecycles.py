"""Random facts of one order: plausible ones, implausible ones and odd shapes, with many equal instants and keys.

They are made once, at random, and examples choose among them: building a fact takes longer than folding it.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from msgspec import structs

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import METHODS, ORDER_ID, Json, fact, payload_hash

often = settings(max_examples=max(1_000, settings().max_examples), deadline=None)
"""For what holds in every life: as many examples as the profile says, at least a thousand."""

INSTANTS = [
    "2024-05-01T10:00:00Z",
    "2024-05-01T10:00:00.45Z",
    "2024-05-01T10:00:00.5Z",
    "2024-05-01T10:00:01Z",
    "2024-05-01T12:00:01.000000001+02:00",
    "2024-05-02",
    None,
]
ITEM_IDS = ["A", "B", "C", "D"]
CORRELATIONS = ["return-1", "return-2", "ask-1", "elsewhere", None]
AMOUNTS: list[Any] = [0, 5, -5, 12.35, "70.40", "0.1", "much", 10**28 + 0.5, "1" + "0" * 29 + ".01", None]
ODD = [None, True, 3, -1, 0.5, "", "A", "1.50", [], {}, ["A"], [[{"id": "A"}]], {"id": "A"}, [{"id": 7}, "A", None]]


def members(random: Random, **fields: list[Any]) -> list[Json]:
    """Return up to three members of a list with an id and some of these fields, each with one of its values."""
    made = []
    for _ in range(random.randrange(4)):
        member = {name: random.choice(values) for name, values in fields.items() if random.random() < 0.8}
        made.append({"id": random.choice(ITEM_IDS), **member})
    return made


def _order(random: Random) -> Json:
    return {
        "id": ORDER_ID,
        "items": members(random, quantity=[1, 2, 3], tax=[4.94, "0.1"], list_price=[58], item_type=["product"]),
        "currency": random.choice(["EUR", "USD", None]),
        "grand_total": random.choice(AMOUNTS),
        "price_method": random.choice(["tax_excluded", "tax_included"]),
        "is_historical": random.random() < 0.1,
        "external_id": random.choice(["0042", "A-7", 42, None]),
        "exchanges": members(random, order_id=["order-0", "order-00"], return_id=["return-1", "return-0"]),
        "customer_email": random.choice(["ada@example.com", "", None]),
        "shipping_address": random.choice([{"city": "Oakland"}, {}, None]),
    }


def _named(random: Random) -> Json:
    reasons: Json = {"cancellation_reason": ["out of stock", ""]}
    return {"id": ORDER_ID, "items": members(random, **reasons), "note": random.randrange(3)}


def _swapped(random: Random) -> Json:
    return {"id": ORDER_ID, "items": members(random, new_item_id=ITEM_IDS, old_item_uuid=ITEM_IDS)}


def _ended(random: Random) -> Json:
    statuses = ["complete", "cancelled", "returned", "opened", 3]
    return {"id": ORDER_ID, "items": members(random, status=statuses, quantity=[1, 2])}


def _request(random: Random) -> Json:
    return {
        "id": random.choice(["request-1", "request-2", None]),
        "logical_timestamp": random.randrange(1, 6),
        "service_level": random.choice(["STANDARD", "IN_STORE_HANDOVER", None]),
        "fulfillment_location_id": random.choice(["US01", "US02", None]),
        "items": members(random, product_id=["p", "q"], carrier=["UPS", "DHL"], tracking_code=["1Z", "2Z", ""]),
    }


def _return(random: Random) -> Json:
    kinds = ["product", "shipping", "gift-wrapping", None]
    return {
        "id": random.choice(["return-1", "return-2", None]),
        "total_refund_amount": random.choice(AMOUNTS),
        "return_fee": random.choice([0, 1.5, None]),
        "items": members(random, quantity=[1, 2, 3], item_type=kinds, refund_amount=AMOUNTS),
    }


def _asked(random: Random) -> Json:
    return {"id": random.choice(["ask-1", "ask-2"]), "amount": random.choice(AMOUNTS), "currency": "EUR"}


def _payment(random: Random) -> Json:
    transactions = [
        {
            "id": random.choice(["t1", "t2", "t3", None]),
            "amount": random.choice(AMOUNTS),
            "currency": random.choice(["EUR", "EUR", "USD", None]),
            "correlation_id": random.choice(CORRELATIONS),
            "instrument_id": random.choice(METHODS),
        }
        for _ in range(random.randrange(3))
    ]
    instruments = [{"id": method, "payment_method": method} for method in METHODS[:3]]
    return {"id": ORDER_ID, "transactions": transactions, "instruments": instruments}


def _bare(random: Random) -> Json:
    return {"id": f"thing-{random.randrange(2)}", "note": random.randrange(3)}


EVENTS: list[tuple[Callable[[Random], Json], list[str]]] = [
    (_order, ["order.created", "order.opened"]),
    (_named, ["order.items_on_hold", "order.items_cancelled", "order.serial_numbers_added"]),
    (_swapped, ["order.items_swapped"]),
    (_ended, ["order.completed", "order.cancelled", "order.shipped"]),
    (_request, ["fulfillment_request.assigned", "fulfillment_request.items_ready_for_handover"]),
    (_request, ["fulfillment_request.items_failed", "fulfillment_request.items_completed"]),
    (_request, ["fulfillment_request.items_completed", "fulfillment_request.items_teleported"]),
    (_return, ["return.processed"]),
    (_asked, ["refund_request.issued"]),
    (_payment, ["payment_account.amount_authorized", "payment_account.amount_captured"]),
    (_payment, ["payment_account.amount_refunded", "payment_account.amount_voided"]),
    (_bare, ["invoice.created", "invoice.eaten", "return.lost"]),
]


def odd(random: Random, payload: Json) -> Json:
    """Return the payload with an odd value somewhere: in a field, or in one of the members of a list."""
    changed = dict(payload)
    name = random.choice([name for name in payload if name != "id"])
    if isinstance(changed[name], list) and changed[name] and random.random() < 0.7:
        member = {**changed[name][-1]}
        member[random.choice(list(member))] = random.choice(ODD)
        changed[name] = [*changed[name][:-1], member]
    else:
        changed[name] = random.choice(ODD)
    return changed


def _made(random: Random) -> Fact:
    payload_of, names = random.choice(EVENTS)
    payload = payload_of(random)
    if random.random() < 0.2:
        payload = odd(random, payload)
    made = fact(random.choice(names), random.choice(INSTANTS), n=random.randrange(100), **payload)
    return structs.replace(made, conflict=random.random() < 0.05)


def _facts(count: int) -> list[Fact]:
    random = Random(count)
    return [_made(random) for _ in range(count)]


FACTS = st.deferred(lambda: st.sampled_from(_facts(max(2_000, settings().max_examples))))

LIVES_WITH_CONFLICTS = st.lists(
    FACTS, min_size=1, max_size=9, unique_by=lambda each: (each.event, each.key, payload_hash(each))
)
"""No envelope twice, but different payloads may share a key."""

LIVES = st.lists(FACTS, min_size=1, max_size=9, unique_by=lambda each: (each.event, each.key))
