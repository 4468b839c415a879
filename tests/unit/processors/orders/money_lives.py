"""Awkward lives of money, each added up by hand: how customers pay, get back and exchange, in every order of arrival.

The shapes are from payment accounts that NewStore's customers have published. A store credit issued for a return names
the end of its own id, not the return. One request captures from two instruments. Refunds go to instruments that never
paid.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    back,
    clock,
    fact,
    items,
    paid,
    payment,
    pieces,
    request,
    transaction,
)


class Life(NamedTuple):
    """Facts, and what they come to: payment and return status, `SUMS` by currency, what was refunded and what is
    outstanding by return or request, unmatched refunds, and what somebody should look at."""

    facts: list[Fact]
    statuses: tuple[str, str]
    sums: Mapping[str, tuple[str | None, ...]]
    settled: Mapping[str, tuple[str, str | None]] = MappingProxyType({})
    unmatched: Mapping[str, str] = MappingProxyType({})
    attention: AbstractSet[tuple[str, str]] = frozenset()


def order(*item_ids: str, total: object, currency: str = "EUR", **fields: Any) -> list[Fact]:
    """Return the beginning of an order that costs so much."""
    said = {"items": items(*item_ids, quantity=1), "currency": currency, "grand_total": total, **fields}
    return [fact("order.created", clock(0), **said), fact("order.opened", clock(2), **said)]


def sent(*item_ids: str) -> list[Fact]:
    """Return the facts that send these items, one by one, and end the order."""
    out = [request("items_completed", 10 + n, item_id) for n, item_id in enumerate(item_ids)]
    ended = fact("order.completed", clock(30), items=items(*item_ids, status="complete"))
    return [request("assigned", 5, *item_ids), *out, ended]


def gave(second: int, amount: object, to: str | None, transaction_id: str = "", **fields: Any) -> Fact:
    """Return a refund for a return or request."""
    return paid("refunded", second, transaction_id or f"r{second}", amount, correlation_id=to, **fields)


def asked(request_id: str, amount: object) -> Fact:
    """Return a refund that somebody asked for, without goods."""
    return fact("refund_request.issued", clock(40), id=request_id, amount=amount, currency="EUR")


LIVES: Final = {
    "a store credit issued for a return names itself": Life(
        [
            *order("A", "B", total=313.14),
            paid("authorized", 1, "authorization-64", 313.14),
            *sent("A", "B"),
            paid("captured", 11, "capture-64", 313.14, correlation_id="capture-request"),
            back("return-1", 50, pieces("A"), total_refund_amount=97.02, total_refund_amount_adjusted=97.02),
            gave(51, -26.62, "return-1"),
            gave(52, -70.4, "credit-1", "order-1-credit-1", method="store_credit"),
            back("return-2", 60, pieces("B"), total_refund_amount=216.12, total_refund_amount_adjusted=216.12),
            gave(61, -216.12, "return-2"),
        ],
        ("refunded", "full"),
        {"EUR": ("313.14", "313.14", "0", "313.14", "0", "0", "0")},
        {"return-1": ("97.02", "0"), "return-2": ("216.12", "0")},
    ),
    "a gift card and a store credit for one return": Life(
        [
            *order("A", "B", "C", total=380),
            paid("authorized", 1, "a", 380),
            *sent("A", "B", "C"),
            paid("captured", 11, "c", 380),
            back("return-1", 50, pieces("A"), pieces("B"), total_refund_amount=166, return_fee=0),
            gave(51, 88, "return-1", "issued:return-1-0000020128205", method="gift_card"),
            gave(52, 78, "return-1", method="store_credit"),
        ],
        ("partially_refunded", "partial"),
        {"EUR": ("380", "380", "0", "166", "0", "214", "0")},
        {"return-1": ("166", "0")},
    ),
    "one request captures from a card and a gift card, twice": Life(
        [
            *order("A", "B", total="130.01"),
            payment("authorized", 1, transaction("a1", 100.01), transaction("a2", 30, "gift_card")),
            *sent("A", "B"),
            payment(
                "captured",
                11,
                transaction("c1", 50.01, correlation_id="shipment-1"),
                transaction("c2", "30.00", "gift_card", correlation_id="shipment-1"),
            ),
            paid("captured", 12, "c3", 50.0, correlation_id="shipment-2"),
        ],
        ("captured", "none"),
        {"EUR": ("130.01", "130.01", "0", "0", "0", "130.01", "0")},
    ),
    "three shipments, three captures, a cent lost in the last": Life(
        [
            *order("A", "B", "C", total=100),
            paid("authorized", 1, "a", 100),
            *sent("A", "B", "C"),
            paid("captured", 10, "c1", 33.33),
            paid("captured", 11, "c2", 33.33),
            paid("captured", 12, "c3", 33.33),
        ],
        ("captured", "none"),
        {"EUR": ("100", "99.99", "0", "0", "0.01", "99.99", "0.01")},
    ),
    "an item is cancelled, its part of the authorization released": Life(
        [
            *order("A", "B", total=100),
            paid("authorized", 1, "a", 100),
            fact("order.items_cancelled", clock(4), items=items("B")),
            *sent("A"),
            paid("captured", 11, "c", 70),
            paid("voided", 12, "a", 30),
        ],
        ("captured", "none"),
        {"EUR": ("100", "70", "30", "0", "0", "70", "30")},
    ),
    "an item is cancelled after all was captured, and given back for nothing that is known": Life(
        [
            *order("A", "B", total=100),
            paid("authorized", 1, "a", 100),
            paid("captured", 3, "c", 100),
            fact("order.items_cancelled", clock(4), items=items("B")),
            *sent("A"),
            gave(12, 30, None),
        ],
        ("partially_refunded", "none"),
        {"EUR": ("100", "100", "0", "30", "0", "70", "0")},
        {},
        {"refunded:r12": "30"},
    ),
    "captured twice, once given back on request": Life(
        [
            *order("A", total=62.94),
            paid("authorized", 1, "a", 62.94),
            *sent("A"),
            paid("captured", 11, "c1", 62.94),
            paid("captured", 12, "c2", 62.94),
            asked("ask-1", 62.94),
            gave(41, -62.94, "ask-1"),
        ],
        ("partially_refunded", "none"),
        {"EUR": ("62.94", "125.88", "0", "62.94", "0", "62.94", "-62.94")},
        {"ask-1": ("62.94", "0")},
    ),
    "given back before anything is known to be taken": Life(
        [
            *order("A", total=50),
            paid("authorized", 1, "a", 50),
            *sent("A"),
            back("return-1", 40, pieces("A"), total_refund_amount=50, return_fee=4.95),
            gave(41, 45.05, "return-1"),
        ],
        ("partially_refunded", "full"),
        {"EUR": ("50", "0", "0", "45.05", "50", "-45.05", "50")},
        {"return-1": ("45.05", "0")},
    ),
    "shipping is given back with the last item, as a line that is no item": Life(
        [
            *order("A", total=59.95, shipping_total=9.95),
            paid("authorized", 1, "a", 59.95),
            *sent("A"),
            paid("captured", 11, "c", 59.95),
            back(
                "return-1",
                40,
                pieces("A", refund_amount=50),
                pieces("shipping-1", item_type="shipping", refund_amount=9.95),
                total_refund_amount=59.95,
            ),
            gave(41, 59.95, "return-1"),
        ],
        ("refunded", "full"),
        {"EUR": ("59.95", "59.95", "0", "59.95", "0", "0", "0")},
        {"return-1": ("59.95", "0")},
    ),
    "what came back was worth more than what was taken for it": Life(
        [
            *order("A", total=160),
            paid("authorized", 1, "credit", 102.84, method="store_credit"),
            paid("authorized", 1, "card", 57.16),
            *sent("A"),
            paid("captured", 11, "c1", 102.84, method="store_credit"),
            paid("captured", 11, "c2", 57.16),
            back("return-1", 40, pieces("A"), total_refund_amount=160, total_refund_amount_adjusted=160),
            gave(41, 150, "return-1", method="cash"),
            gave(42, 10.01, "return-1", method="cash"),
        ],
        ("refunded", "full"),
        {"EUR": ("160", "160", "0", "160.01", "0", "-0.01", "0")},
        {"return-1": ("160.01", "-0.01")},
    ),
    "cash, rounded on the way in and on the way back": Life(
        [
            *order("A", "B", total=21.97),
            paid("authorized", 1, "a", 21.95, method="cash"),
            paid("captured", 1, "a", 21.95, method="cash"),
            *sent("A", "B"),
            back("return-1", 40, pieces("A"), total_refund_amount=10.98),
            gave(41, 11, "return-1", method="cash"),
        ],
        ("partially_refunded", "partial"),
        {"EUR": ("21.95", "21.95", "0", "11", "0", "10.95", "0.02")},
        {"return-1": ("11", "-0.02")},
    ),
    "authorized anew because the first time ran out": Life(
        [
            *order("A", total=80),
            paid("authorized", 1, "a1", 80),
            paid("voided", 3, "a1", 80),
            paid("authorized", 4, "a2", 80),
            *sent("A"),
            paid("captured", 11, "c", 80),
        ],
        ("captured", "none"),
        {"EUR": ("160", "80", "80", "0", "0", "80", "0")},
    ),
    "refunded in the currency of the store where it came back": Life(
        [
            *order("A", total=100),
            paid("authorized", 1, "a", 100),
            *sent("A"),
            paid("captured", 11, "c", 100),
            back("return-1", 40, pieces("A"), total_refund_amount=86.5, currency="GBP"),
            gave(41, 86.5, "return-1", currency="GBP"),
        ],
        ("captured", "full"),
        {
            "EUR": ("100", "100", "0", "0", "0", "100", "0"),
            "GBP": ("0", "0", "0", "86.5", "0", "-86.5", None),
        },
        {"return-1": ("86.5", "0")},
        {},
        {("currency_mismatch", "refunded:r41")},
    ),
    "an even exchange that is exchanged again": Life(
        [
            *order("A", total=102.84, is_exchange=True, exchanges=[{"order_id": "order-0", "return_id": "return-0"}]),
            *sent("A"),
            back("return-1", 40, pieces("A"), total_refund_amount=102.84),
        ],
        ("none", "full"),
        {},
        {"return-1": ("0", "102.84")},
    ),
    "an uneven exchange downwards: the rest of the credit goes back": Life(
        [
            *order("A", total=60, is_exchange=True, exchanges=[{"order_id": "order-0", "return_id": "return-0"}]),
            paid("authorized", 1, "credit", 60, method="store_credit"),
            *sent("A"),
            paid("captured", 11, "credit", 60, method="store_credit"),
            paid("voided", 12, "void:credit", 42.84, method="store_credit"),
        ],
        ("captured", "none"),
        {"EUR": ("60", "60", "42.84", "0", "0", "60", "0")},
    ),
}
