"""Made-up events of orders and of all other aggregates, each with its identity."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """``identity`` tells it from every other event. ``keyed``: the same with another payload is a conflict, not an
    event.

    ``seconds``: when it was published, after the run's first moment. No two events of an order share one."""

    identity: str
    name: str
    seconds: int
    payload: Payload
    dataset: str
    key: str
    order: str | None = None
    keyed: bool = True


def order_events(rng: Random, number: int) -> Iterator[Event]:
    """An order's events, from its creation to one of several ends, as they happened."""
    order = f"order-{number:06d}"
    items = [{"id": f"{order}-{line}", "product_id": f"p{rng.randrange(99)}", "quantity": 1} for line in (1, 2)]
    transaction = {"id": f"{order}-t", "amount": 19.99, "currency": "EUR"}
    request = {"id": f"{order}-f", "order_id": order}
    happened: list[tuple[str, Payload]] = [
        ("order.created", {"id": order, "items": items, "grand_total": 39.98}),
        ("payment_account.amount_authorized", {"id": order, "order_id": order, "transactions": [transaction]}),
        ("order.opened", {"id": order, "items": items}),
        ("fulfillment_request.assigned", {**request, "logical_timestamp": 1, "items": items}),
    ]
    end = rng.choice(("completed", "cancelled", "held", "under way"))
    if end in {"completed", "held"}:
        happened += [("order.items_on_hold", {"id": order, "items": items[:1]})]
    if end == "completed":
        happened += [
            ("fulfillment_request.items_completed", {**request, "logical_timestamp": 2, "items": items[:1]}),
            ("fulfillment_request.items_completed", {**request, "logical_timestamp": 3, "items": items[1:]}),
            ("invoice.created", {"id": f"{order}-i", "order_id": order}),
            ("order.completed", {"id": order, "items": items}),
            ("return.processed", {"id": f"{order}-r", "order_id": order, "items": items[:1]}),
        ]
    if end == "cancelled":
        happened += [("order.cancelled", {"id": order, "items": items})]
    for place, (name, payload) in enumerate(happened):
        keyed = name != "order.items_on_hold"  # an order can have several, so their content is their key
        yield Event(f"{order}/{place}", name, 10 * place, payload, "orders", order, order, keyed)


def side_events(number: int) -> Iterator[Event]:
    """One event of another aggregate, or two that differ only in a part of their key."""
    own = f"side-{number:06d}"
    kinds: list[tuple[str, str, str, bool, list[tuple[int, Payload]]]] = [
        (
            "inventory",
            "inventory_transaction.items_received",
            own,
            True,
            [(0, {"id": own, "chunk_number": chunk, "items": []}) for chunk in (1, 2)],
        ),
        ("customers", "customer.updated", own, False, [(0, {"id": own, "email": f"{n}@example.com"}) for n in (1, 2)]),
        # The same float on two mornings is two events: the time is part of the key.
        (
            "cash-drawers",
            "cash_drawer.float_defined",
            own,
            False,
            [(day, {"id": own, "float": 100.0}) for day in (1, 2)],
        ),
        ("gift-cards", "gift_card.deactivated", own, True, [(0, {"id": own})]),
        ("employees", "employee.created", own, True, [(0, {"id": own, "name": "Zoë"})]),
        ("unknown", "loyalty.points_added", "loyalty.points_added", False, [(0, {"points": number})]),
    ]
    dataset, name, key, keyed, versions = kinds[number % len(kinds)]
    for place, (seconds, payload) in enumerate(versions):
        yield Event(f"{own}/{place}", name, seconds, payload, dataset, key, keyed=keyed)
