"""Returns of an order, refunds without goods, and blind returns."""

from collections.abc import Sequence
from typing import Final

from commands.simulate.event import Json
from commands.simulate.order import Events, Order
from commands.simulate.payments import refundable, refunded
from commands.simulate.prices import Line, money, new_line
from commands.simulate.shop import MARKETS, Market
from commands.simulate.timeline import DAY, HOUR, MINUTE, Timeline

_REASONS: Final = (("Other", 12), ("Too small", 3), ("Does not fit", 4), ("Damaged", 7))
_CONDITIONS: Final = (("Sellable", 1), ("Damaged", 2))
_FEE: Final = 500
"""In cents."""


def returned_partly(order: Order) -> Events:
    """One item comes back, and later another one, if there are several."""
    for _ in order.shipped[:2]:
        yield from sent_back(order, order.shipped[:1], order.time.id())


def returned_fully(order: Order) -> Events:
    """All items come back at once."""
    yield from sent_back(order, list(order.shipped), order.time.id())


def refunded_without_goods(order: Order) -> Events:
    """A refund for another reason than a return."""
    time = order.time
    time.wait(HOUR, 2 * DAY)
    cents = refundable(order) // 10 + 1
    request_id = time.id()
    payload = {
        "id": request_id,
        "order_id": order.id,
        "payment_account_id": order.id,
        "amount": money(cents),
        "currency": order.market.currency,
        "requested_at": time.stamp(0.5),
        **({"return_reason": "Price adjustment", "reason_code": 2} if time.happens(0.8) else {}),
        **({"note": "Called on the phone"} if time.happens(0.3) else {}),
    }
    yield time.event("refund_request.issued", payload)
    time.wait(1, MINUTE)
    yield from refunded(order, cents, request_id)


def sent_back(order: Order, lines: Sequence[Line], return_id: str) -> Events:
    """A return is processed, sometimes for a fee, and refunded under its id."""
    time, fee = order.time, _fee(order, lines)
    time.wait(HOUR, 4 * DAY)
    order.shipped = [line for line in order.shipped if line not in lines]
    payload = _document(time, order.market, lines, return_id, fee) | {"order_id": order.id}
    if "customer_id" in order.base:
        payload |= {name: order.base[name] for name in ("customer_id", "customer_email")}
    if time.happens(0.5):
        payload["associate_id"] = order.origin.people.some_employee(time.rng, order.origin.number)
    yield time.event("return.processed", payload)
    time.wait(1, HOUR)
    yield from refunded(order, order.total_of(lines) - fee, return_id)


def blind_return(time: Timeline) -> Events:
    """Somebody returns goods without a receipt: the event names no order."""
    market = time.rng.choice(MARKETS)
    lines = [new_line(time.rng, time.id(), market, order_discount=0)]
    payload = _document(time, market, lines, time.id(), fee=0)
    yield time.event("return.processed", payload | {"blind_order_id": time.id()})


def _fee(order: Order, lines: Sequence[Line]) -> int:
    return _FEE if order.time.happens(0.1) and order.total_of(lines) > 2 * _FEE else 0


def _document(time: Timeline, market: Market, lines: Sequence[Line], return_id: str, fee: int) -> Json:
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    return {
        "id": return_id,
        "returned_at": f"{time.local_stamp()}{time.rng.randrange(1000):03d}",
        "total_refund_amount": money(net + tax),
        "total_refund_amount_adjusted": money(net + tax - fee),
        "total_refund_excl_tax": money(net),
        "total_refund_tax": money(tax),
        "return_fee": money(fee),
        "currency": market.currency,
        "return_location_id": time.rng.choice(market.stores),
        "items": [_line(time, line) for line in lines],
    }


def _line(time: Timeline, line: Line) -> Json:
    reason, return_code = time.rng.choice(_REASONS)
    condition, condition_code = time.rng.choice(_CONDITIONS)
    explained = {
        "return_reason": reason,
        "return_code": return_code,
        "item_condition": condition,
        "condition_code": condition_code,
    }
    return {
        "id": line.id,
        "item_type": "product",
        "product_id": line.product.id,
        "quantity": 1,
        "refund_amount": money(line.total),
        "refund_amount_adjusted": money(line.total),
        "refund_excl_tax": money(line.net),
        "refund_tax": money(line.tax),
        **(explained if time.happens(0.9) else {}),
    }
