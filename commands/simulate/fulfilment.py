"""Fulfilment requests: assigned, failed, rerouted, put on hold, split, and handed over item by item."""

from collections.abc import Sequence
from typing import Final

from commands.simulate.event import Event, Json
from commands.simulate.order import Events, Order, Request
from commands.simulate.order_document import lines_with, service_level
from commands.simulate.payments import captured
from commands.simulate.prices import Line, money
from commands.simulate.timeline import HOUR, MINUTE

_CARRIERS: Final = ("FEDEX", "UPS", "DHL")


def assigned(order: Order) -> Events:
    """One location gets all items."""
    yield from _assign(order, order.lines)


def assigned_to_two(order: Order) -> Events:
    """Two locations share the order, if it has several items."""
    half = len(order.lines) // 2
    for lines in (order.lines[:half], order.lines[half:]):
        if lines:
            yield from _assign(order, lines)


def failed(order: Order) -> Events:
    """No location can fulfil the order now."""
    for request in order.requests:
        order.time.wait(10 * MINUTE, 4 * HOUR)
        yield _event(order, request, "items_failed", request.lines)
        order.declined.add(request.location)
    order.requests.clear()


def rerouted(order: Order) -> Events:
    """The location cannot fulfil the order, so another one gets it."""
    yield from failed(order)
    yield from assigned(order)


def held(order: Order) -> Events:
    """Nobody can fulfil the order now, so it is put on hold."""
    yield from failed(order)
    order.time.wait(1, MINUTE)
    yield order.event("items_on_hold", {"items": _named(order.lines)})


def one_item_cancelled(order: Order) -> Events:
    """One of several items cannot be found. The other items go on."""
    if len(order.lines) == 1:
        return
    request, line = order.requests[0], order.requests[0].lines.pop()
    order.time.wait(10 * MINUTE, 4 * HOUR)
    yield _event(order, request, "items_failed", [line])
    order.lines.remove(line)
    order.time.wait(1, HOUR)
    reason = {"cancellation_reason": "out_of_stock", "fulfillment_location_id": request.location}
    yield order.event("items_cancelled", {"items": [{**item, **reason} for item in _named([line])]})


def handed_over(order: Order) -> Events:
    """All requests are completed, several at the same time."""
    shipments = [_shipment(order, request, is_first=not place) for place, request in enumerate(order.requests)]
    while shipments:
        shipment = order.time.rng.choice(shipments)
        event = next(shipment, None)
        if event is None:
            shipments.remove(shipment)
        else:
            yield event
    if order.time.happens(0.7):  # deprecated: some streams no longer have it
        yield order.event("shipped", {"items": lines_with(order.lines, "complete")})


def _assign(order: Order, lines: Sequence[Line]) -> Events:
    request = Request(order.time.id(), _location(order), list(lines))
    order.requests.append(request)
    order.time.wait(1, 2 * MINUTE)
    yield _event(order, request, "assigned", request.lines)


def _location(order: Order) -> str:
    """A location that was not tried yet, if there is one."""
    places = order.market.stores if order.origin.in_store else order.market.locations
    tried = order.declined | {request.location for request in order.requests}
    return order.time.rng.choice([place for place in places if place not in tried] or places)


def _shipment(order: Order, request: Request, *, is_first: bool) -> Events:
    """A request is packed, invoiced, handed over and paid. The first one also charges the shipping."""
    time = order.time
    if not order.origin.in_store:
        time.wait(10 * MINUTE, 8 * HOUR)
        yield _event(order, request, "items_ready_for_handover", request.lines)
    total = order.total_of(request.lines) + (order.shipping + order.shipping_tax if is_first else 0)
    at_packing = time.happens(0.5)
    if at_packing:
        yield _invoice(order, request, total)
    tracking = f"TRK{time.rng.randrange(10**9):09d}"
    for line in request.lines:
        time.wait(1, 10 if order.origin.in_store else 10 * MINUTE)
        yield _event(order, request, "items_completed", [line], **_sent(order, tracking))
        order.shipped.append(line)
    if not at_packing:
        yield _invoice(order, request, total)
    time.wait(1, MINUTE)
    yield from captured(order, total)


def _invoice(order: Order, request: Request, total: int) -> Event:
    payload = {
        "id": order.time.id(),
        "order_id": order.id,
        "created_at": order.time.stamp(),
        "total": money(total),
        "currency": order.market.currency,
        "items": _named(request.lines),
    }
    return order.time.event("invoice.created", payload)


def _event(order: Order, request: Request, action: str, lines: Sequence[Line], **sent: str) -> Event:
    order.logical_timestamp += order.time.rng.randrange(1, 40)
    payload = {
        "id": request.id,
        "order_id": order.id,
        "logical_timestamp": order.logical_timestamp,
        "fulfillment_location_id": request.location,
        **_handled_by(order),
        "service_level": service_level(order),
        "items": [{**item, **sent} for item in _named(lines)],
    }
    return order.time.event(f"fulfillment_request.{action}", payload)


def _handled_by(order: Order) -> Json:
    if not order.time.happens(0.5):
        return {}
    return {"associate_id": order.origin.people.some_employee(order.time.rng, order.origin.number)}


def _sent(order: Order, tracking: str) -> dict[str, str]:
    if order.origin.in_store:
        return {}
    carrier = order.time.rng.choice(_CARRIERS)
    return {"carrier": carrier, "tracking_code": tracking, "shipped_at": order.time.local_stamp()}


def _named(lines: Sequence[Line]) -> list[Json]:
    return [{"id": line.id, "product_id": line.product.id} for line in lines]
