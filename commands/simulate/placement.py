"""An order before and after its fulfilment: grace period, opening, changes of items, and end."""

from dataclasses import replace

from commands.simulate.event import Json
from commands.simulate.order import Events, Order
from commands.simulate.order_document import begin_document, document, lines_with
from commands.simulate.payments import authorized, rest_voided
from commands.simulate.prices import Line
from commands.simulate.timeline import HOUR, MINUTE


def created(order: Order) -> Events:
    """The order is placed, and its grace period begins."""
    begin_document(order)
    yield order.event("created", document(order, "pending"))
    order.time.wait(0.2, 5)


def placed(order: Order) -> Events:
    """The order is placed, its money authorised, and it is opened: it can no longer be changed."""
    yield from created(order)
    early = order.time.happens(0.8)
    if early:
        yield from authorized(order)
    yield from opened(order)
    if not early:
        order.time.wait(1, 10 * MINUTE)
        yield from authorized(order)


def opened(order: Order) -> Events:
    """The grace period ends; a store sale has hardly any."""
    order.time.wait(*((1, 5) if order.origin.in_store else (5 * MINUTE, 30 * MINUTE)))
    yield order.event("opened", document(order, "opened"))


def awaiting_opening(order: Order) -> Events:
    """The order is in its grace period."""
    yield from created(order)
    yield from authorized(order)


def cancelled(order: Order) -> Events:
    """The whole order is cancelled, and its authorised money voided."""
    order.time.wait(MINUTE, 5 * MINUTE)
    yield order.event("cancelled", {"items": lines_with(order.lines, "cancelled")})
    order.time.wait(1, MINUTE)
    yield from rest_voided(order)


def completed(order: Order) -> Events:
    """The order is closed, and money authorised for cancelled items is voided."""
    order.time.wait(1, HOUR)
    items = [{**item, "fulfillment_location_id": place} for item, place in _where(order)]
    yield order.event("completed", {"capture_type": "pos" if order.origin.in_store else "injection", "items": items})
    yield from rest_voided(order)


def swapped(order: Order) -> Events:
    """The first item becomes another size with a new id, which later events use."""
    old = order.lines[0]
    other_size = replace(old.product, id=f"{old.product.id[:-2]}{order.time.rng.randrange(8, 16):02d}")
    new = replace(old, id=order.time.id(), product=other_size)
    order.lines[0] = new
    order.time.wait(1, HOUR)
    item = {"id": new.id, "product_id": new.product.id, "swapped_item_id": old.id}
    yield order.event("items_swapped", {"items": [item]})


def serial_numbers_added(order: Order) -> Events:
    """The store scans serial numbers."""
    order.time.wait(MINUTE, HOUR)
    yield order.event("serial_numbers_added", {"items": [_with_serial_number(order, line) for line in order.lines]})


def _with_serial_number(order: Order, line: Line) -> Json:
    number = f"SN{order.time.rng.randrange(10**8):08d}"
    return {"id": line.id, "product_id": line.product.id, "serial_number": number}


def _where(order: Order) -> list[tuple[Json, str]]:
    return [(item, request.location) for request in order.requests for item in lines_with(request.lines, "complete")]
