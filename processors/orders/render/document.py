"""The order's document: everything that `schemas.order_state` describes, and the same without personal data."""

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
"""The retailer's objects, passed on as they came: names of discounts, and why they were given."""
NOTE: Final = "note"
"""Free text of a refund request."""
REASON: Final = "reason"
"""Why somebody set a gap aside, in free text; why an event could not be joined, which may quote its body."""
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
    """An order's document. `awaited`: the missing events that must come. `upcoming`: the events that must come next;
    empty if that does not matter now. `unsettled`: the lists that the order's money puts it in."""

    document: Any
    awaited: Sequence[str]
    upcoming: Sequence[Upcoming]
    unsettled: Sequence[str]


def document(row: Row, rules: OrderRules) -> Any:
    """Return the document alone."""
    return render(row, rules).document


def render(row: Row, rules: OrderRules) -> Rendered:
    """Make an order's document from its row, and the rest of `Rendered`."""
    view = view_of(row)
    slots, items, details = view.slots, view.items, view.details
    cancelled_and_shipped = view.cancelled_and_shipped
    status = order_status(view)
    is_void = status == "cancelled" and not view.something_shipped
    # Unless the deployment gets all events that tell what goes out, only an end of the order proves that it has ended.
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
    """Return a document, or a part of one, as JSON."""
    return _ENCODER.encode(state)


def withheld(document: Any) -> Any:
    """Return the document for a topic without personal data. The fields in `WITHHELD` are null, and the document's
    `withheld` names them. Reasons are not null: they have always been texts, and null would break readers. The reason
    of a gap that somebody set aside is empty, that of an unprocessed event is the class of the exception alone.

    Ids stay: without them no consumer could join anything. So do those of associates: they name no person by
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
    """Whether the row has facts of payments without what they say: version 1 kept nothing of that."""
    if not (row.unread or row.lost):
        return False
    unread = (*row.unread, *row.lost) if row.version == FIRST_VERSION else row.lost
    return any(event_of(row.facts[at].place).startswith(_PAYMENT) for at in unread)
