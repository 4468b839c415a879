"""The sums of an order's money, and what each of its refunds is for."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from processors.orders.render.cancelled import Cancelled
from processors.orders.render.current_total import least_total
from processors.orders.render.payments import (
    Money,
    Payment,
    money_of,
    naming_nothing,
    refunds_by_correlation,
    unmatched_refunds,
)
from processors.orders.render.returns import (
    Refunds,
    matched_refunds,
    refund_request_documents,
    refunded_for_goods,
    return_documents,
)
from processors.orders.render.self_named import attributed, left_of_voided, names_itself
from processors.orders.render.view import View
from processors.orders.render.voided import in_place, issued_by, paid_again, paid_out, taken_back, without_voided
from schemas.money import EXACT, NOTHING, plain


class Settled(NamedTuple):
    """An order's money once its refunds are assigned. `payments`: each refund has the name of what it is for, as far as
    that is known. `returns` and `refund_requests`: documents by id. `unmatched`: documents of refunds for no known
    return or request."""

    payments: Mapping[str, Payment]
    money: Money
    cancelled: Cancelled
    returns: Mapping[str, Any]
    refund_requests: Mapping[str, Any]
    unmatched: Sequence[Any]
    explained: Collection[str]
    """Payments of unmatched refunds that have a reason all the same: a cancellation, another order, or the void of a
    credit."""
    unexplained: Sequence[Any]
    """Unmatched refunds whose purpose somebody should find out."""
    nameless: Sequence[Any]
    """Unmatched refunds that may be for any return: nothing tells what they are for. A credit that was voided has the
    amount that is left of it."""
    taken_back: Mapping[str, Decimal]
    """By name, how much was issued as credits under it and voided under it."""


class _PaidBack(NamedTuple):
    """Returns and refund requests (documents by id), and the `refunds` for each of them in its currency."""

    refunds: Refunds
    returns: Mapping[str, Any]
    refund_requests: Mapping[str, Any]

    @property
    def owing(self) -> Mapping[str, Any]:
        """Returns and refund requests together."""
        return {**self.returns, **self.refund_requests}


class _VoidedCredits(NamedTuple):
    """What became of store credits that the order issued and that were voided: see `paid_out`, `taken_back`,
    `left_of_voided` and `paid_again`."""

    for_another: Mapping[str, str]
    taken_back: Mapping[str, Decimal]
    left: Mapping[str, Decimal]
    again: Mapping[str, Decimal]

    @property
    def known_for(self) -> Collection[str]:
        """Payments of refunds for another order, and of credits of which nothing is left."""
        return {*self.for_another, *(key for key, amount in self.left.items() if not amount)}

    def replaced_by(self, payments: Mapping[str, Payment]) -> Decimal:
        """Return what went out in place of them."""
        names = {payments[key].said.correlation_id or "" for key in self.left}
        return in_place(payments, self.for_another, {**self.again, **{name: self.taken_back[name] for name in names}})


_NONE_VOIDED: Final = _VoidedCredits({}, {}, {}, {})


def settle(view: View, current_total: str | None, *, is_void: bool, unread: bool) -> Settled:
    """Settle the money of an order that costs `current_total` now. `is_void`: the whole order is cancelled, and nothing
    was shipped. `unread`: there may be more payments, so no sum is compared with the grand total."""
    details, payments, exchanged = view.details, view.payments, view.exchanged_returns
    money = money_of(payments, details.get("currency"), None if unread else details.get("grand_total"))
    paid_back, voided = _paid_back(view, payments, unread=unread), _NONE_VOIDED
    if any(payment.action == "refunded" for payment in payments.values()):
        issued = issued_by(payments, money)
        payments = attributed(payments, paid_back.owing, money, issued, details.get("currency") or money.currency)
        paid_back = _paid_back(view, payments, unread=unread) if payments is not view.payments else paid_back
        voided = _voided_credits(payments, paid_back, money, issued)
        money = money._replace(paid_out=voided.replaced_by(payments))
    refunds, returns, refund_requests = paid_back
    unmatched = unmatched_refunds(payments, refunds)
    for_nothing = naming_nothing(unmatched, {*paid_back.owing, *exchanged}, voided.known_for)
    if left := voided.left:
        for_nothing = [
            replace(each, amount=plain(left[each.payment])) if each.payment in left else each for each in for_nothing
        ]
    if returns and refunds:
        money = money._replace(for_goods=refunded_for_goods(returns, refunds, money.currency or ""))
    returns_once: Collection[Any] = returns.values()
    requests_once: Collection[Any] = refund_requests.values()
    if again := voided.again:
        returns_once, requests_once = _once(returns, again), _once(refund_requests, again)
    # Last: what the shop keeps tells whether captures were voided, and `paid_out` and `for_goods` count in it.
    goes_on = bool(details.get("is_exchange")) and not is_void
    money = without_voided(payments, money, current_total, requests_once if goes_on else None)
    is_unknown = current_total is None and view.items.any_dropped
    cancelled = Cancelled.of(money, current_total, is_void=is_void, is_unknown=is_unknown)
    if cancelled.is_unknown and money.grand_total is not None:
        cancelled = cancelled._replace(at_least=least_total(view, money.grand_total))
    for_cancelled = cancelled.refunds(
        money,
        for_nothing,
        (each for each in unmatched if each.correlation_id in exchanged),
        returns_once,
        requests_once,
    )
    explained = {*for_cancelled, *voided.known_for}
    return Settled(
        payments=payments,
        money=money,
        cancelled=cancelled,
        returns=returns,
        refund_requests=refund_requests,
        unmatched=unmatched,
        explained=explained,
        unexplained=[
            each
            for each in unmatched
            if each.payment not in explained and each.correlation_id not in exchanged and each.amount != NOTHING
        ],
        # If nobody knows what the cancelled items cost, a credit that names itself is rather for a return.
        nameless=[
            each
            for each in for_nothing
            if each.payment not in explained or (cancelled.is_unknown and names_itself(payments[each.payment].said))
        ],
        taken_back=voided.taken_back,
    )


def _voided_credits(
    payments: Mapping[str, Payment], paid_back: _PaidBack, money: Money, issued: AbstractSet[str]
) -> _VoidedCredits:
    taken = taken_back(payments, money, issued)
    return _VoidedCredits(
        for_another=paid_out(payments, money, issued, paid_back.returns),
        taken_back=taken,
        left=left_of_voided(payments, paid_back.owing, money, taken),
        again=paid_again(paid_back.owing, taken, money.currency or ""),
    )


def _once(promises: Mapping[str, Any], again: Mapping[str, Decimal]) -> Collection[Any]:
    """Return these documents without what they got `again`, in place of credits."""
    return [
        replace(each, refunded=plain(EXACT.subtract(Decimal(each.refunded), more)))
        if (more := again.get(key))
        else each
        for key, each in promises.items()
    ]


def _paid_back(view: View, payments: Mapping[str, Payment], *, unread: bool) -> _PaidBack:
    refunds, assumed = refunds_by_correlation(payments), view.details.get("currency")
    returns = return_documents(view.slots, view.listing, refunds, assumed, unread=unread)
    requests = refund_request_documents(view.slots, refunds, assumed, unread=unread)
    return _PaidBack(matched_refunds({**returns, **requests}, refunds, assumed), returns, requests)
