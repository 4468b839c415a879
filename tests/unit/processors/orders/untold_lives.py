"""Lives in which one event explains what the others seem to say."""

from typing import Final

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, back, clock, fact, items, paid, pieces, request


def _listed(*, quantity: int = 1, **prices: int) -> list[Json]:
    """What an order lists, by id, at a price each."""
    of: Json = {"quantity": quantity, "item_discounts": 0, "order_discounts": 0, "tax": 0}
    return [member for key, price in prices.items() for member in items(key, list_price=price, **of)]


def _head(event: str, listed: list[Json], total: int, **fields: object) -> Fact:
    said: Json = {"currency": "EUR", "price_method": "tax_included", "grand_total": total, **fields}
    return fact(f"order.{event}", clock(3 if event == "opened" else 0), items=listed, **said)


def _begun(listed: list[Json], total: int, **fields: object) -> list[Fact]:
    return [_head("created", listed, total, **fields), _head("opened", listed, total, **fields)]


def _authorized(amount: int = 100, method: str = "credit_card") -> Fact:
    return paid("authorized", 1, "a", amount, method=method)


def _taken(second: int, amount: int, method: str = "credit_card") -> Fact:
    return paid("captured", second, f"c{second}", amount, method=method)


def _given(second: int, amount: int, correlation_id: str | None = None) -> Fact:
    return paid("refunded", second, f"r{second}", amount, correlation_id=correlation_id)


def _released(second: int, amount: int, method: str = "credit_card") -> Fact:
    return paid("voided", second, f"v{second}", amount, method=method)


def _sent(second: int, *ids: str) -> list[Fact]:
    return [request("assigned", second, *ids), request("items_completed", second + 1, *ids)]


def _off(second: int, *ids: str) -> Fact:
    return fact("order.items_cancelled", clock(second), items=items(*ids))


def _cancelled(second: int, *ids: str) -> Fact:
    return fact("order.cancelled", clock(second), items=items(*ids))


def _ended(second: int, *ids: str, cancelled: tuple[str, ...] = ()) -> Fact:
    members = [*items(*ids, status="complete"), *items(*cancelled, status="cancelled")]
    return fact("order.completed", clock(second), items=members)


def _returned(second: int, amount: int, *lines: Json) -> Fact:
    return back("r", second, *lines, total_refund_amount=amount, currency="EUR")


_A, _AB, _THREE = _listed(A=100), _listed(A=60, B=40), _listed(quantity=3, A=10)
_READY = [request("assigned", 4, "A"), request("items_ready_for_handover", 5, "A")]
_CARD = "gift_card"
_EXCHANGE: Json = {"is_exchange": True, "exchanges": [{"order_id": "other", "return_id": "r0"}]}

UNTOLD_LIVES: Final[dict[str, list[Fact]]] = {
    "cancelled in the grace period": [_head("created", _A, 100), _authorized(), _cancelled(2, "A"), _released(3, 100)],
    "all items cancelled in the grace period": [_head("created", _A, 100), _authorized(), _off(2, "A")],
    "price edited": [
        *(_head("created", _A, 100), _authorized(120), _head("opened", _listed(A=120), 120)),
        *(*_sent(4, "A"), _taken(6, 120), _ended(7, "A")),
    ],
    "quantity edited": [
        *(_head("created", _A, 100), _authorized(200), _head("opened", _listed(quantity=2, A=100), 200)),
        *(*_sent(4, "A"), _taken(6, 200), _ended(7, "A"), _returned(8, 200, pieces("A", 2)), _given(9, 200, "r")),
    ],
    "an item edited away, the other sent": [
        *(_head("created", _AB, 100), _authorized(), _head("opened", _listed(A=60), 60), *_sent(4, "A")),
        *(_taken(6, 60), fact("order.shipped", clock(7), items=items("A"))),
    ],
    "an item edited away, the other cancelled": [
        *(_head("created", _AB, 100), _authorized(), _head("opened", _listed(A=60), 60), _taken(4, 5), _off(5, "A")),
    ],
    "an item added, the other cancelled": [
        *(_head("created", _A, 100), _authorized(140), _head("opened", _listed(A=100, B=40), 140), _off(4, "A")),
        *(_taken(5, 5), *_sent(6, "B"), _taken(8, 35), _ended(9, "B", cancelled=("A",))),
    ],
    "swapped and cancelled": [
        *(_head("created", _A, 100), _authorized()),
        fact("order.items_swapped", clock(2), items=[{"id": "A", "new_item_id": "S"}]),
        *(_off(2, "A"), _head("opened", _listed(S=100), 100), *_sent(4, "S"), _taken(6, 100)),
        _ended(7, "S", cancelled=("A",)),
    ],
    "some pieces sent, the rest cancelled": [
        *(*_begun(_THREE, 30), _authorized(30), *_sent(4, "A", "A"), _off(6, "A"), _taken(7, 20), _released(8, 10)),
        _ended(9, "A"),
    ],
    "two in one parcel, the rest cancelled, one returned": [
        *(*_begun(_THREE, 30), _authorized(30), *_sent(4, "A", "A"), _off(6, "A"), _taken(7, 20)),
        *(_returned(8, 10, pieces("A")), _given(9, 10, "r")),
    ],
    "not fetched, the store failed": [
        *(*_begun(_A, 100), _authorized(), *_READY, request("items_failed", 6, "A")),
        fact("order.items_on_hold", clock(7), items=items("A")),
    ],
    "not fetched, the item cancelled": [*_begun(_A, 100), _authorized(), *_READY, _off(6, "A"), _released(7, 100)],
    "not fetched, all cancelled": [*_begun(_A, 100), _authorized(), *_READY, _cancelled(6, "A"), _released(7, 100)],
    "fetched, as only the end says": [*_begun(_A, 100), _authorized(), *_READY, _ended(6, "A"), _taken(7, 100)],
    "sent, as only the shipment says": [
        *(*_begun(_A, 100), _authorized(), fact("order.shipped", clock(6), items=items("A")), _taken(7, 100)),
        _ended(8, "A"),
    ],
    "charged to a gift card and cancelled": [
        *(*_begun(_A, 100), _authorized(method=_CARD), _taken(3, 100, _CARD), _cancelled(5, "A")),
        _released(6, 100, _CARD),
    ],
    "charged to a gift card, an item cancelled": [
        *(*_begun(_AB, 100), _authorized(method=_CARD), _taken(3, 100, _CARD), _off(5, "B"), _released(6, 40, _CARD)),
        *(*_sent(6, "A"), _ended(8, "A", cancelled=("B",))),
    ],
    "all but what is free cancelled": [
        *(*_begun(_listed(A=0, B=40), 40), _authorized(40), _off(4, "B"), *_sent(5, "A"), _released(7, 40)),
        _ended(8, "A", cancelled=("B",)),
    ],
    "lost and paid back on request, then returned": [
        *(*_begun(_A, 100), _authorized(), *_sent(4, "A"), _taken(6, 100), _ended(7, "A")),
        fact("refund_request.issued", clock(8), id="q", amount=100, currency="EUR"),
        *(_given(9, 100, "q"), _returned(10, 100, pieces("A"))),
    ],
    "an even exchange": [*_begun(_A, 100, **_EXCHANGE), *_sent(4, "A"), _ended(6, "A")],
    "free": [*_begun(_listed(A=0), 0), *_sent(4, "A"), _ended(6, "A"), _returned(8, 5, pieces("A"))],
    "imported": [
        *(*_begun(_A, 100, is_historical=True), *_READY, *_sent(6, "A"), _taken(7, 100)),
        *(_ended(8, "A"), _returned(9, 100, pieces("A"))),
    ],
}
