"""The order's document: everything `schemas.order_state` describes, and the same without what identifies a customer."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from processors.orders.canonical import event_of, published_at_of
from processors.orders.deadlines import Upcoming
from processors.orders.events import IS_CANCELLED, IS_COMPLETED
from processors.orders.order_rules import OrderRules
from processors.orders.render.attention import payment_attention
from processors.orders.render.completeness import find_gaps
from processors.orders.render.contradictions import contradictions
from processors.orders.render.current_total import current_total
from processors.orders.render.order import order_document
from processors.orders.render.payments import UNKNOWN, payment_documents, payment_status, sum_documents
from processors.orders.render.requests import documents as request_documents
from processors.orders.render.settling import settle
from processors.orders.render.status import fulfillment_status, order_status, return_status
from processors.orders.render.structs import Invoice, OrderState
from processors.orders.render.timeline import IN_DOCUMENT, in_order, timeline
from processors.orders.render.told import as_told
from processors.orders.render.unsettled import unsettled
from processors.orders.render.view import view_of
from processors.orders.row import FIRST_VERSION, Row
from processors.orders.standing import COMPLETED, FINISHED
from processors.orders.unprocessed import RECEIVED, unprocessed_documents

CUSTOMER: Final = "customer"
"""Ids, e-mail and addresses."""
ATTRIBUTES: Final = "extended_attributes"
"""Whatever a retailer puts there: names, telephone numbers, messages on gifts."""
DISCOUNTS: Final = "discounts"
"""Objects of the retailer, passed on as they came: what they are called and why they were given."""
NOTE: Final = "note"
"""Free text of a refund request."""
REASON: Final = "reason"
"""Free text of whoever set a gap aside; of an event that could not be joined, what may quote its body."""
WITHHELD: Final = (
    *(f"order.{name}" for name in (CUSTOMER, ATTRIBUTES, DISCOUNTS)),
    f"refund_requests.{NOTE}",
    f"acknowledged.{REASON}",
    f"unprocessed.{REASON}",
)

_PAYMENT: Final = "payment_account."
_IS_OVER: Final = IS_CANCELLED | IS_COMPLETED
_ENCODER: Final = msgspec.json.Encoder()


class Rendered(NamedTuple):
    """The document of an order; of what is missing, the names of events that must come; those that must come next, none
    where that does not matter now; and the lists that its money puts it in (`unsettled`)."""

    document: Any
    awaited: Sequence[str]
    upcoming: Sequence[Upcoming]
    unsettled: Sequence[str]


def document(row: Row, rules: OrderRules) -> Any:
    """Return the document alone."""
    return render(row, rules).document


def render(row: Row, rules: OrderRules) -> Rendered:
    """Return what an order amounts to."""
    view = view_of(row)
    slots, items, details = view.slots, view.items, view.details
    cancelled_and_shipped = view.cancelled_and_shipped
    status = order_status(view)
    is_void = status == "cancelled" and not view.something_shipped
    # Where nobody hears of all that may go out, only what says so proves that the order has ended.
    is_over = status in FINISHED and bool(slots.seen & _IS_OVER or not rules.untold.over)
    total_now = current_total(view, is_void=is_void)
    unread = _payments_unread(row)
    settled = settle(view, total_now, is_void=is_void, unread=unread)
    told, view = view.payments, view._replace(payments=settled.payments)
    received = [fact.received_at for fact in row.facts] + [entry[RECEIVED] for entry in row.unprocessed]
    gaps = find_gaps(view, status, settled, rules, min(received), unread=unread)
    facts = in_order(row.facts)
    said = OrderState(
        order_id=row.order_id,
        tenant=row.tenant,
        status=status,
        fulfillment_status=fulfillment_status(view),
        payment_status=UNKNOWN if unread else payment_status(view.payments, settled.money, order_ended=is_over),
        return_status=return_status(view),
        provisional=bool(gaps.missing or row.unprocessed),
        missing=gaps.missing,
        incomplete=bool(row.late) and not set(row.late).isdisjoint(gaps.awaited),
        stalled=sorted({each.name for each in gaps.upcoming}.intersection(row.stalled)) if row.stalled else [],
        suspected=gaps.suspected,
        acknowledged=gaps.acknowledged,
        partial_history=gaps.partial_history,
        contradictions=contradictions(view, rules.untold.contradictions, cancelled_and_shipped=cancelled_and_shipped),
        attention=payment_attention(
            details,
            settled,
            gaps.unexplained,
            unread=unread or rules.untold.payments,
            unpriced=rules.untold.price,
            partial_history=gaps.partial_history,
        ),
        unprocessed=unprocessed_documents(row.unprocessed),
        version=len(facts),
        revision=row.revision,
        order=order_document(details, total_now) if slots.created or slots.opened else {},
        item_counts=items.counts,
        items=items.documents,
        fulfillment_requests=request_documents(slots),
        payments=payment_documents(told),
        payment_sums=sum_documents(settled.money),
        returns=settled.returns,
        refund_requests=settled.refund_requests,
        unmatched_refunds=settled.unmatched,
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
    if rules.events is not None:
        said = as_told(said, rules.untold, is_listed=view.listing.is_known, is_over=is_over)
    may_be_unsettled = status == COMPLETED or settled.returns or settled.refund_requests
    is_judged = may_be_unsettled and not unread and not gaps.partial_history
    return Rendered(said, gaps.awaited, gaps.upcoming, [*unsettled(view, status, settled, rules)] if is_judged else ())


def as_json(state: Any) -> bytes:
    """Write a document, or a part of one."""
    return _ENCODER.encode(state)


def withheld(document: Any) -> Any:
    """Return the document as everybody who reads the topic gets to see it then: without what is in those places. It
    says of which ones nothing can be known from it. They are null; but reasons have always been texts, and null would
    break readers: they are empty, or the class of the exception alone.

    Ids stay: without them no consumer could join anything. So do those of associates, which name no person by
    themselves.
    """
    order = document.order
    return replace(
        document,
        acknowledged=[replace(gap, **{REASON: ""}) for gap in document.acknowledged],
        unprocessed=[{**fact, REASON: fact[REASON].partition(":")[0]} for fact in document.unprocessed],
        order=order and replace(order, **{CUSTOMER: None, ATTRIBUTES: None, DISCOUNTS: None}),
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
