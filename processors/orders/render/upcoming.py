"""Which events must come next. No other event proves that they exist, because they come after the order's last fact.

The order waits for them for a while; only time makes them gaps (`deadlines.stalled_deadlines`). The rules:
docs/completeness.md#orders-that-stand-still.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

from processors.orders.canonical import Place, event_of
from processors.orders.deadlines import Upcoming, arrived_ms
from processors.orders.events import (
    CAPTURED,
    COMPLETED,
    IS_CANCELLED,
    IS_OPENED,
    ITEMS_COMPLETED,
    OPENED,
    REFUNDED,
    RETURNED,
    SHIPPED,
)
from processors.orders.joining import STEPS
from processors.orders.order_rules import OrderRules
from processors.orders.render.payments import Money
from processors.orders.render.returns import may_be_fee, returns_of_no_goods
from processors.orders.render.settling import Settled
from processors.orders.render.view import View
from processors.orders.render.voided import only_gave_back
from processors.orders.row import Row
from processors.orders.slots import At
from processors.orders.standing import FINISHED
from schemas.instant import rfc3339_millis
from schemas.money import EXACT, NOTHING, ZERO, total_of

_READY_EVENT: Final = "fulfillment_request.items_ready_for_handover"
_SENDS: Final = (ITEMS_COMPLETED, SHIPPED)
_SHIPS: Final = (*_SENDS, COMPLETED, RETURNED)
"""Events that tell that a piece went out."""
_CANCELS: Final = ("order.cancelled", "order.items_cancelled")
_ENDS: Final = (COMPLETED, SHIPPED)
"""These may state that items were cancelled, too."""
_FINISHES: Final = (*_SENDS, "order.items_cancelled", "order.items_swapped")
"""Events that make items final."""
_RETURNS: Final = (RETURNED,)
"""A return makes items final, too, if none of `_FINISHES` came."""

_READY: Final = STEPS.index("ready")
_SETTLED: Final = frozenset({"complete", "cancelled"})


def matters(row: Row, first_received: str, rules: OrderRules) -> bool:
    """Return whether the order's next events have to be worked out now: something is stalled or set aside, the order
    has no next look (`due`), or something may be due before it. Nothing is due before the first fact plus the shortest
    wait, and most of an order happens within that time."""
    if row.stalled or row.acknowledged or not row.due:
        return True
    shortest = min((after for after in rules.patience if after), default=0)
    return first_received < rfc3339_millis(row.due - shortest)


def upcoming(
    view: View,
    status: str,
    settled: Settled,
    absent: Collection[str],
    came: Collection[str],
    rules: OrderRules,
    *,
    unread: bool,
) -> list[Upcoming]:
    """Return the events that must come next of an order that is known from its beginning, by name. `unread`: there may
    be more payments, so no payment is awaited.

    Left out are what is missing already (`absent`), events that came and could not be processed (`came`, names), those
    that the deployment does not watch, and those whose wait an event outside `BRIDGE_EVENTS` may have ended. Nothing
    comes next of an imported order: it ended elsewhere.
    """
    if view.details.get("is_historical"):
        return []
    found = [] if status in FINISHED else [*_of_order(view), *_of_requests(view)]
    found += [] if unread else _of_money(view, settled)
    known = {*absent}
    names = ((each, *each.name.partition(":")) for each in found if getattr(rules.patience, each.after))
    return sorted(
        each
        for each, event, colon, _ in names
        if event not in came and each.name not in known and event + colon not in rules.untold.awaited
    )


def _of_order(view: View) -> Iterator[Upcoming]:
    slots, items = view.slots, view.items
    if slots.created is not None and not slots.seen & (IS_OPENED | IS_CANCELLED):
        yield Upcoming(OPENED, "opened", slots.created[0])
    if view.listing.is_known and items.statuses and items.all_done:
        last = _last(view.row, _FINISHES)
        yield from _since(COMPLETED, "completed", _last(view.row, _RETURNS) if last is None else last)


def _of_requests(view: View) -> Iterator[Upcoming]:
    """Goods that lie ready are collected or sent next. How long each item lies there is not known, so the latest fact
    counts."""
    for request_id, request in view.slots.requests.items():
        if any(_lies_ready(view, item_id, item.step) for item_id, item in request.items.items()):
            facts = {*request.turns, request.last}  # all of the request's: NewStore always sends logical timestamps
            yield from _since(f"{ITEMS_COMPLETED}:{request_id}", "handed_over", _last(view.row, (_READY_EVENT,), facts))


def _lies_ready(view: View, item_id: str, step: int) -> bool:
    """Whether a piece of an item that is ready in a request is still to go out. Its other pieces may have gone out by
    another request."""
    if step != _READY:
        return False
    item = view.items.documents[item_id]
    is_in_part = item.status == "complete" and item.shipped_quantity < view.items.left[item_id]
    return is_in_part or item.status in {"in_fulfillment", "on_hold"}


def _of_money(view: View, settled: Settled) -> Iterator[Upcoming]:
    is_even = view.details.get("is_exchange") and only_gave_back(
        [(action, said.instrument_id) for action, said, *_ in view.payments.values() if said.amount != NOTHING]
    )
    if view.items.shipped and not is_even:
        yield from _since(CAPTURED, "captured", _uncaptured_since(view, settled))
    if settled.cancelled.owes_refund(settled.money):
        yield from _since(REFUNDED, "refunded", _kept_since(view.row))
    paid = {payment.said.correlation_id for payment in view.payments.values() if payment.moves("refunded")}
    for return_id, _ in owed_returns(view, settled):
        # After a refund, the rest may have gone into an exchange: only that order knows.
        if return_id not in paid:
            yield refund_of(return_id, view.slots.returns[return_id][0])
    for request_id, said in owed_requests(settled):
        if not (request_id in paid and is_rounded(said, settled.money)):
            yield refund_of(request_id, view.slots.refund_requests[request_id][0])


def refund_of(promise_id: str, at: At) -> Upcoming:
    """Return the refund that a return or refund request waits for; `at` is its fact."""
    return Upcoming(f"{REFUNDED}:{promise_id}", "refunded", at)


def owed_returns(view: View, settled: Settled) -> Iterator[tuple[str, Any]]:
    """Yield returns (ids and documents) that are still owed money. None of a free order or of an unpaid exchange. Left
    out are returns that this order is the exchange for, and returns of which just the fee may be left. So are those in
    a currency whose money is all back, or whose nameless refunds may be for them."""
    if not settled.returns or _is_free(view) or _is_unpaid_exchange(view):
        return
    money, covered = settled.money, covered_currencies(view, settled)
    is_all_back = cache(money.is_all_back)  # it goes through all voids
    for return_id, said in settled.returns.items():
        currency = said.currency or money.currency or ""
        if return_id in view.exchanged_returns or is_all_back(currency) or currency in covered:
            continue
        if _is_owed(said) and not may_be_fee(said, money):
            yield return_id, said


def owed_requests(settled: Settled) -> Iterator[tuple[str, Any]]:
    """Yield refund requests (ids and documents) that are still owed money, whatever the order cost: somebody asked for
    it."""
    return ((request_id, said) for request_id, said in settled.refund_requests.items() if _is_owed(said))


def _is_unpaid_exchange(view: View) -> bool:
    """Whether the order is an even exchange: all its payments are of 0, until its goods come back for money or a
    credit."""
    return bool(view.details.get("is_exchange")) and all(
        payment.said.amount == NOTHING for payment in view.payments.values()
    )


def _is_free(view: View) -> bool:
    """Whether the order costs nothing. Then nothing is paid for it, and a return gives nothing back."""
    return bool(view.details.get("grand_total") == NOTHING)


def _is_owed(said: Any) -> bool:
    """Whether something is outstanding; an amount that nobody can read counts as something."""
    outstanding = said.refund_outstanding
    return outstanding is None or not (outstanding == NOTHING or outstanding.startswith("-"))


def is_rounded(said: Any, money: Money) -> bool:
    """Whether what is outstanding is within the slack, or nobody can read it."""
    left = said.refund_outstanding
    return left is None or Decimal(left) <= money.slack(said.currency or money.currency or "")


def covered_currencies(view: View, settled: Settled) -> Collection[str]:
    """Return the currencies whose nameless refunds may be for any return: they are no less than all that is still owed
    in it, or one of them cannot be read. A store credit that names itself may be among them."""
    money, assumed = settled.money, settled.money.currency or ""
    given, owed = dict[str, list[str | None]](), dict[str, list[str]]()
    for refund in settled.nameless:
        given.setdefault(refund.currency or assumed, []).append(refund.amount)
    exchanged = view.exchanged_returns
    returns = (said for key, said in settled.returns.items() if key not in exchanged and not may_be_fee(said, money))
    for promise in (*settled.refund_requests.values(), *returns) if given else ():
        if promise.refund_outstanding is not None and _is_owed(promise):
            owed.setdefault(promise.currency or assumed, []).append(promise.refund_outstanding)
    return {each for each in given if _covers(given[each], owed.get(each, ()), money.slack(each))}


def _covers(given: Sequence[str | None], owed: Iterable[str], slack: Decimal) -> bool:
    amounts = [amount for amount in given if amount is not None]
    together = total_of(amounts)
    return len(amounts) < len(given) or (together > ZERO and EXACT.subtract(total_of(owed), together) <= slack)


def _kept_since(row: Row) -> At | None:
    """The fact since which money is kept for what was cancelled: the last cancellation, or a capture after it. Without
    a cancellation, an end of the order stands for it."""
    for events in (_CANCELS, _ENDS):
        if _last(row, events) is not None:
            return _last(row, (*events, CAPTURED))
    return None


def _uncaptured_since(view: View, settled: Settled) -> At | None:
    """The fact since which money is due for what went out; None: nothing certainly is.

    After a first capture, the rest is due only if every due piece went out, whatever came back. Beside cancelled items,
    their worth must be known: their authorization is left to expire. Both the balance and the open authorization must
    exceed the slack: cash is rounded, and more may be authorized than is due.
    """
    money = settled.money
    statuses = {"complete" if each == "returned" else each for each in view.items.statuses if each != "replaced"}
    if not any(payment.moves("captured") for payment in view.payments.values()):
        return None if _is_free(view) or settled.cancelled.total == ZERO else _sent_since(view)
    currency, is_all_out = money.currency or "", view.listing.is_known and view.items.shipped >= view.items.due
    if currency not in money.sums or not is_all_out or not {"complete"} <= statuses <= _SETTLED:
        return None
    balance = settled.cancelled.balance(money)
    if balance is None or min(balance, money.open_authorization(currency)) <= money.slack(currency):
        return None
    last = _last(view.row, _SENDS if statuses == {"complete"} else (*_SENDS, *_CANCELS))
    return _sent_since(view) if last is None else last


def _since(name: str, after: str, at: At | None) -> Iterator[Upcoming]:
    if at is not None:
        yield Upcoming(name, after, at)


def _sent_since(view: View) -> At | None:
    """The first fact to arrive that tells that a piece went out. A return of nothing but shipping and gift wrapping
    does not."""
    row, slots = view.row, view.slots
    idle = returns_of_no_goods(slots, view.listing) if slots.returns else ()
    facts = [at for at in range(len(row.facts)) if at not in idle]
    return min(_of(row, _SHIPS, facts), key=partial(_arrival, row), default=None)


def _last(row: Row, events: Collection[str], facts: Iterable[At] | None = None) -> At | None:
    among = range(len(row.facts)) if facts is None else facts
    return max(_of(row, events, among), key=partial(_arrival, row), default=None)


def _arrival(row: Row, at: At) -> tuple[int, Place]:
    """Sort key: when a fact arrived, not when it was read."""
    return arrived_ms(row.facts[at]), row.facts[at].place


def _of(row: Row, events: Collection[str], among: Iterable[At]) -> list[At]:
    facts = row.facts
    # Searching a text is faster than parsing it, and most facts are of other events.
    likely = [at for at in among if any(event in facts[at].place for event in events)]
    return [at for at in likely if event_of(facts[at].place) in events]
