"""Stock: transfers between locations, adjustments and counts. A large list is split into chunks under one id."""

from collections.abc import Sequence
from typing import Final

from commands.simulate.event import Json
from commands.simulate.order import Events
from commands.simulate.shop import MARKETS, People, any_product
from commands.simulate.timeline import DAY, HOUR, MINUTE, Timeline

CHUNK: Final = 25
"""Most items in one event."""

_STOCK_LOCATIONS: Final = ("main", "backroom", "damaged")


def transfer(time: Timeline, people: People, number: int) -> Events:
    """Goods are ordered, prepared, announced and received, sometimes in two parts; then the documents are closed."""
    market, pieces = time.rng.choice(MARKETS), _pieces(time)
    refs = {"shipment_ref": f"IF{time.rng.randrange(10**7):07d}", "order_ref": f"TO{time.rng.randrange(10**7):07d}"}
    papers = {"transfer_order_ref": refs["order_ref"], "origin_id": market.warehouse}
    order, asn = {"id": time.id(), **papers}, {"id": time.id(), **papers, "shipment_ref": refs["shipment_ref"]}
    yield from _chunks(time, "transfer_order_created", order, pieces)
    time.wait(HOUR, DAY)
    ready = {"id": time.id(), "fulfillment_location_id": market.warehouse, "order_ref": refs["order_ref"]}
    yield from _chunks(time, "items_ready_for_handover", ready, pieces)
    time.wait(MINUTE, HOUR)
    yield from _chunks(time, "asn_created", {**asn, "shipment_date": time.stamp()}, pieces)
    receipt = {
        "fulfillment_location_id": time.rng.choice(market.stores),
        "associate_id": people.some_employee(time.rng, number),
        **refs,
        "asn_id": asn["id"],
    }
    yield from _received(time, receipt, pieces)
    time.wait(1, HOUR)
    yield from _chunks(time, "asn_closed", asn, pieces)
    time.wait(1, MINUTE)
    yield from _chunks(time, "transfer_order_closed", order, pieces)


def _received(time: Timeline, receipt: Json, pieces: Sequence[Json]) -> Events:
    half = len(pieces) // 2 if time.happens(0.3) else 0
    for part in filter(None, (pieces[:half], pieces[half:])):
        time.wait(HOUR, DAY)
        where = {"stock_location_name": "main"} if time.happens(0.5) else {}
        payload = {"id": time.id(), **receipt, "processed_at": time.stamp(), **where}
        yield from _chunks(time, "items_received", payload, part)


def adjustment(time: Timeline, people: People, number: int) -> Events:
    """Something is found, damaged or stolen."""
    origin, destination = time.rng.sample(_STOCK_LOCATIONS, 2)
    payload = {
        "id": time.id(),
        "fulfillment_node_id": time.rng.choice(time.rng.choice(MARKETS).locations),
        "adjustment_type": "relative",
        "adjustment_reason": time.rng.choice(("damaged", "found", "stolen")),
        "origin_stock_location_name": origin,
        **({"destination_stock_location_name": destination} if time.happens(0.3) else {}),
        **({"note": ""} if time.happens(0.3) else {}),
        "associate_id": people.some_employee(time.rng, number),
        "processed_at": time.stamp(),
    }
    yield from _chunks(time, "adjustment_created", payload, _pieces(time)[:3])


def count(time: Timeline, people: People, number: int) -> Events:
    """Somebody counts the stock."""
    started = time.stamp()
    time.wait(HOUR, 6 * HOUR)
    payload = {
        "id": time.id(),
        "count_type": time.rng.choice(("cycle", "full")),
        "fulfillment_location_id": time.rng.choice(time.rng.choice(MARKETS).locations),
        "associate_id": people.some_employee(time.rng, number),
        "due_date": time.stamp(-DAY),
        "started_at": started,
        "completed_at": time.stamp(),
    }
    counted = [
        {"product_id": each["product_id"], "stock_on_hand": each["quantity"], "count": each["quantity"] - missing}
        for each in _pieces(time)
        for missing in (int(time.happens(0.2)),)
    ]
    yield from _chunks(time, "items_counted", payload, counted, entity="inventory_count")


def _chunks(
    time: Timeline, action: str, payload: Json, items: Sequence[Json], *, entity: str = "inventory_transaction"
) -> Events:
    """An event for each `CHUNK` items, all with the payload's id."""
    total = -(-len(items) // CHUNK)
    for number in range(total):
        chunk = items[number * CHUNK : (number + 1) * CHUNK]
        of_all = {} if action == "asn_created" else {"total_chunks": total}  # only this event has no total
        numbered = {**payload, "chunk_number": number + 1, **of_all, "items": chunk}
        yield time.event(f"{entity}.{action}", numbered)


def _pieces(time: Timeline) -> list[Json]:
    """Mostly a few products, sometimes more than one event holds."""
    products = {any_product(time.rng).id: None for _ in range(time.rng.choice((1, 2, 3, 5, 8, 12, 60)))}
    return [
        {"product_id": product_id, "quantity": time.rng.randrange(1, 40), "external_identifiers": {"sku": product_id}}
        for product_id in products
    ]
