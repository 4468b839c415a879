"""The order's document: everything `schemas.order_state` describes, and the same without what identifies a customer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from processors.orders.canonical import event_of, published_at_of
from processors.orders.deadlines import Upcoming
from processors.orders.render.attention import payment_attention
from processors.orders.render.cancelled import Cancelled
from processors.orders.render.completeness import awaited, missing, suspected, tells_of_refunds
from processors.orders.render.contradictions import contradictions
from processors.orders.render.current_total import current_total, least_total
from processors.orders.render.documents import Invoice, OrderState
from processors.orders.render.history import is_partial_history
from processors.orders.render.order import order_document
from processors.orders.render.payments import (
    UNKNOWN,
    money_of,
    naming_nothing,
    payment_documents,
    payment_status,
    refunds_by_correlation,
    sum_documents,
    unmatched_refunds,
)
from processors.orders.render.requests import documents as request_documents
from processors.orders.render.returns import (
    Refunds,
    matched_refunds,
    refund_request_documents,
    refunded_for_goods,
    return_documents,
)
from processors.orders.render.self_named import attributed, names_itself
from processors.orders.render.set_aside import acknowledged_gaps, is_loss_set_aside, is_set_aside
from processors.orders.render.status import fulfillment_status, order_status, return_status
from processors.orders.render.timeline import IN_DOCUMENT, in_order, timeline
from processors.orders.render.upcoming import Outcome, matters, upcoming
from processors.orders.render.view import View, view_of
from processors.orders.render.voided import paid_out, without_voided
from processors.orders.row import FIRST_VERSION, Row
from processors.orders.summary import OrderRules
from processors.orders.unprocessed import EVENT, RECEIVED, listed
from schemas.money import total_of

CUSTOMER: Final = "customer"
"""Ids, e-mail and addresses."""
ATTRIBUTES: Final = "extended_attributes"
"""Whatever a retailer puts there: names, telephone numbers, messages on gifts."""
NOTE: Final = "note"
"""Free text of a refund request."""
WITHHELD: Final = (f"order.{CUSTOMER}", f"order.{ATTRIBUTES}", f"refund_requests.{NOTE}")

_PAYMENT: Final = "payment_account."
_NOTHING: Final = "0"
"""As amounts are written."""
_ENCODER: Final = msgspec.json.Encoder()


class Rendered(NamedTuple):
    """The document of an order; of what is missing, the names of events that must come; and those that must come next,
    none where that does not matter now."""

    document: Any
    awaited: Sequence[str]
    upcoming: Sequence[Upcoming]


class _PaidBack(NamedTuple):
    """What went out by what it is for, and what was to: returns and refund requests, documents by id. `refunds` are
    those in their currencies."""

    refunds: Refunds
    returns: Mapping[str, Any]
    refund_requests: Mapping[str, Any]

    @property
    def owing(self) -> Mapping[str, Any]:
        """All of them."""
        return {**self.returns, **self.refund_requests}


def document(row: Row, rules: OrderRules) -> Any:
    """Return the document alone."""
    return rendered(row, rules).document


def rendered(row: Row, rules: OrderRules) -> Rendered:
    """Return what an order amounts to."""
    view = view_of(row)
    slots, items, details = view.slots, view.items, view.details
    cancelled_and_shipped = view.cancelled_and_shipped
    status = order_status(
        slots.seen,
        items,
        view.listing,
        cancelled_and_shipped=cancelled_and_shipped,
        is_historical=bool(details.get("is_historical")),
    )
    is_void = status == "cancelled" and not view.something_shipped
    is_clear = view.listing.is_clear and items.are_whole
    total_now = current_total(details, items.documents, slots.items, is_void=is_void, is_clear=is_clear)
    unread = _payments_unread(row)
    money = money_of(view.payments, details.get("currency"), None if unread else details.get("grand_total"))
    told, paid_back, for_another = view.payments, _paid_back(view, unread=unread), dict[str, str]()
    if any(payment.action == "refunded" for payment in told.values()):
        assumed = details.get("currency") or money.currency
        view = view._replace(payments=attributed(told, paid_back.owing, assumed))
        paid_back = _paid_back(view, unread=unread) if view.payments is not told else paid_back
        for_another = paid_out(view.payments, money, paid_back.returns)
        money = money._replace(paid_out=total_of(for_another.values()))
    owing, (refunds, returns, refund_requests) = paid_back.owing, paid_back
    unmatched = unmatched_refunds(view.payments, refunds)
    exchanged = view.exchanged_returns
    for_nothing = naming_nothing(unmatched, {*owing, *exchanged}, for_another)
    if returns and refunds:
        money = money._replace(for_goods=refunded_for_goods(returns, refunds, money.currency or ""))
    goes_on = bool(details.get("is_exchange")) and not is_void
    money = without_voided(view.payments, money, total_now, goes_on=goes_on)
    cancelled = Cancelled.of(money, total_now, is_void=is_void, is_unknown=total_now is None and items.any_dropped)
    if cancelled.is_unknown and money.grand_total is not None:
        cancelled = cancelled._replace(at_least=least_total(money.grand_total, details, items))
    settling = cancelled.refunds(
        money,
        for_nothing,
        (each for each in unmatched if each.correlation_id in exchanged),
        returns.values(),
        refund_requests.values(),
    )
    settling = {*settling, *for_another}
    unexplained = [
        each
        for each in unmatched
        if each.payment not in settling and each.correlation_id not in exchanged and each.amount != _NOTHING
    ]
    came = {entry[EVENT] for entry in row.unprocessed}
    absent = missing(view, came, rules.expects)
    partial_history = is_partial_history(view, rules.before, returns) or bool(row.forgotten_until)
    likely = suspected(view, settling, came, rules.expects, partial_history=partial_history)
    nameless = [  # a credit that names itself is rather for a return than for what was cancelled at any price
        each
        for each in for_nothing
        if each.payment not in settling or (cancelled.is_unknown and names_itself(view.payments[each.payment].said))
    ]
    outcome = Outcome(status, money, not unread, returns, refund_requests, cancelled, nameless)
    received = [fact.received_at for fact in row.facts] + [entry[RECEIVED] for entry in row.unprocessed]
    is_watched = not partial_history and matters(row, min(received), rules)
    expected = upcoming(view, outcome, absent, came, rules) if is_watched else ()
    set_aside = {name for name, _, _ in row.acknowledged}
    lost = awaited(absent, likely, partial_history=partial_history)
    must_come = [name for name in lost if name not in set_aside or not is_loss_set_aside(row, name)]
    comes_next = [each for each in expected if each.name not in set_aside or not is_set_aside(row, each)]
    facts = in_order(row.facts)
    said = OrderState(
        order_id=row.order_id,
        tenant=row.tenant,
        status=status,
        fulfillment_status=fulfillment_status(items, view.listing),
        payment_status=UNKNOWN
        if unread
        else payment_status(view.payments, money, order_ended=status in {"completed", "cancelled"}),
        return_status=return_status(items, view.listing, has_returns=bool(slots.returns)),
        provisional=bool(absent or row.unprocessed),
        missing=absent,
        incomplete=bool(row.late) and not set(row.late).isdisjoint(must_come),
        stalled=sorted({each.name for each in comes_next}.intersection(row.stalled)) if row.stalled else [],
        suspected=likely,
        acknowledged=acknowledged_gaps(row, set(absent).difference(must_come), set(expected).difference(comes_next))
        if set_aside
        else [],
        partial_history=partial_history,
        contradictions=contradictions(view, cancelled_and_shipped=cancelled_and_shipped),
        attention=payment_attention(
            view.payments,
            money,
            details,
            unexplained if unexplained and not partial_history and tells_of_refunds(came, rules.expects) else (),
            returns,
            refund_requests,
            unread=unread,
            partial_history=partial_history,
        ),
        unprocessed=listed(row.unprocessed),
        version=len(facts),
        revision=row.revision,
        order=order_document(details, total_now) if slots.created or slots.opened else {},
        item_counts=items.counts,
        items=items.documents,
        fulfillment_requests=request_documents(slots),
        payments=payment_documents(told),
        payment_sums=sum_documents(money),
        returns=returns,
        refund_requests=refund_requests,
        unmatched_refunds=unmatched,
        invoices={
            invoice_id: Invoice(published_at=published_at_of(view.places[at]))
            for invoice_id, at in sorted(slots.invoices.items())
        },
        timeline=timeline(facts[-IN_DOCUMENT:]),
        timeline_count=len(facts),
        truncated=[],
        withheld=[],
        first_received_at=min(received),
        last_received_at=max(received),
    )
    return Rendered(said, must_come, comes_next)


def _paid_back(view: View, *, unread: bool) -> _PaidBack:
    refunds, assumed = refunds_by_correlation(view.payments), view.details.get("currency")
    returns = return_documents(view.slots, view.listing, refunds, assumed, unread=unread)
    requests = refund_request_documents(view.slots, refunds, assumed, unread=unread)
    return _PaidBack(matched_refunds({**returns, **requests}, refunds, assumed), returns, requests)


def as_json(state: Any) -> bytes:
    """Write a document, or a part of one."""
    return _ENCODER.encode(state)


def withheld(document: Any) -> Any:
    """Return the document as everybody who reads the topic gets to see it then: with nulls in those places. It says of
    which ones nothing can be known from it.

    Ids stay: without them no consumer could join anything. So do those of associates, which name no person by
    themselves.
    """
    order = document.order
    return replace(
        document,
        order=order and replace(order, **{CUSTOMER: None, ATTRIBUTES: None}),
        refund_requests={key: replace(said, **{NOTE: None}) for key, said in document.refund_requests.items()},
        withheld=[*WITHHELD],
    )


def _payments_unread(row: Row) -> bool:
    """Whether the order knows of payments, and not what they say: from a row of an older version, which kept nothing of
    that."""
    if not (row.unread or row.lost):
        return False
    unread = (*row.unread, *row.lost) if row.version == FIRST_VERSION else row.lost
    return any(event_of(row.facts[at].place).startswith(_PAYMENT) for at in unread)
