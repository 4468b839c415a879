"""What must have happened, or probably did, and was not seen, as far as time does not decide (docs/order-state.md)."""

from collections.abc import Iterator

from tests.programs.checker.facts import ASSIGNED, CANCELLED, COMPLETED, CREATED, INVOICE, OPENED, SHIPPED, Fact, of
from tests.programs.checker.order_evidence import ENDS, Evidence
from tests.programs.checker.order_money import Payments
from tests.programs.checker.values import last, text

_NEEDS_OPENED = {COMPLETED, SHIPPED, INVOICE}
_AUTHORIZED = "payment_account.amount_authorized"
_VOIDED = "payment_account.amount_voided"
_WITHOUT_ASSIGNMENT = "IN_STORE_HANDOVER"


def missing_events(evidence: Evidence, *, is_historical: bool) -> list[str]:
    """The document's `missing`."""
    return [] if is_historical else sorted(_missing(evidence))


def suspected_events(
    evidence: Evidence,
    payments: Payments,
    refundable: set[str],
    settling: set[str],
    *,
    of_elsewhere: bool,
) -> list[str]:
    """The document's `suspected`. `refundable`: ids of returns and refund requests. `settling`: refunds for something
    else that is known. `of_elsewhere`: part of the order was never to be seen here."""
    if of_elsewhere:
        return sorted(_never_created(evidence))
    lost = {*_lost_shipments(evidence), *_lost_money(evidence, payments, refundable, settling)}
    return sorted({*lost, *_never_created(evidence)})


def _missing(evidence: Evidence) -> Iterator[str]:
    facts = evidence.facts
    if not of(facts, CREATED):
        yield CREATED
    if not of(facts, OPENED) and any(_needs_opened(fact) for fact in facts):
        yield OPENED
    for key, request in evidence.requests.items():
        if request.said("service_level") != _WITHOUT_ASSIGNMENT and not of(request.facts, ASSIGNED):
            yield f"{ASSIGNED}:{key}"


def _needs_opened(fact: Fact) -> bool:
    return fact.of_request or fact.name in _NEEDS_OPENED


def _lost_shipments(evidence: Evidence) -> Iterator[str]:
    """Only of items that are sent by themselves, if a request names them or an end of the order says where they went
    out from."""
    for item in evidence.named[COMPLETED]:
        if item in evidence.services:
            continue
        if not evidence.requests_for[item] and last(_places(evidence, item)) is None:
            continue
        seen = evidence.is_handed_over(item) or item in evidence.named[SHIPPED]
        if evidence.stated(item, COMPLETED) == "complete" and not seen:
            yield f"fulfillment_request.items_completed:{item}"


def _places(evidence: Evidence, item: str) -> Iterator[str | None]:
    """Where the ends of the order say that the item was."""
    return (text(line.get("fulfillment_location_id")) for line in evidence.says(item, *ENDS))


def _never_created(evidence: Evidence) -> Iterator[str]:
    """NewStore sends no order.created for an order whose payment was refused."""
    if {fact.name for fact in evidence.facts} <= {CANCELLED, _VOIDED}:
        yield "maybe_never_sent"


def _lost_money(evidence: Evidence, payments: Payments, refundable: set[str], settling: set[str]) -> Iterator[str]:
    moved = {key: payment for key, payment in payments.items() if payment["amount"] != "0"}
    is_captured = any(payment["status"] == "captured" for payment in moved.values())
    if is_captured and not of(evidence.facts, _AUTHORIZED):
        yield _AUTHORIZED
    for key, payment in moved.items():
        correlated = payment["correlation_id"]
        if payment["status"] != "refunded" or key in settling:
            continue
        if correlated is not None and correlated not in refundable:
            yield f"return_or_refund_request:{key}"
