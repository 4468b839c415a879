"""An order's document from its facts, in canonical order: the rules of docs/order-state.md, written again plainly and
without care for speed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.programs.checker.facts import (
    CANCELLED,
    COMPLETED,
    HANDED_OVER,
    INVOICE,
    KNOWN,
    OPENED,
    REFUND_REQUEST,
    RETURN,
    SHIPPED,
    in_force,
    of,
)
from tests.programs.checker.order_attention import attention_to
from tests.programs.checker.order_cancelled import given_for_it, is_some_off, most_off
from tests.programs.checker.order_completeness import missing_events, suspected_events
from tests.programs.checker.order_contradictions import contradictions_of
from tests.programs.checker.order_credits import as_meant
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_head import current_total, exchanged_by, head_of
from tests.programs.checker.order_items import (
    Items,
    due_pieces,
    effective_goods,
    is_all_cancelled,
    items_of,
    ordered_pieces,
)
from tests.programs.checker.order_money import (
    Payments,
    judged_by,
    payment_status,
    payments_of,
    sums_of,
    unmatched_refunds,
)
from tests.programs.checker.order_returns import (
    given_for_them,
    is_more_than_money,
    refund_requests_of,
    return_status,
    returned_pieces,
    returns_of,
)
from tests.programs.checker.order_voids import is_only_given_back, let_go
from tests.programs.checker.values import instant, text

_OUT = {"cancelled", "replaced"}
_FINAL = {*_OUT, "complete", "returned"}
_IMPLY_OPENED = {OPENED, SHIPPED, INVOICE, RETURN}
_TIMELINE = 20


def state_of(evidence: Evidence, *, in_part: bool = False) -> dict[str, Any]:
    """The fields of the document that follow from an order's facts: of `contradictions` kind, subject and sources, of
    `timeline` all but keys. `in_part`: some of its history may be missing. Only clocks and settings tell that, unless
    refunds and what they are for are all that is known."""
    facts = evidence.facts
    head, told = head_of(facts), payments_of(facts)
    items = items_of(evidence, returned_pieces(facts, evidence.goods))
    effective = effective_goods(evidence, items)
    due = {item: due_pieces(evidence, items, item) for item, known in effective.items() if known["status"] not in _OUT}
    shipped = something_shipped(evidence)
    is_all_out = all(items[item]["shipped_quantity"] >= wanted for item, wanted in due.items())
    status = _status(evidence, head, items, effective, shipped=shipped, is_all_out=is_all_out)
    all_off = status == "cancelled" and not shipped
    is_sure = evidence.is_list_sure and all(wanted == ordered_pieces(items[item]) for item, wanted in due.items())
    whole = {key for key, item in items.items() if is_all_cancelled(evidence, key, ordered_pieces(item))}
    total_now = current_total(head, items, whole, all_off=all_off, is_sure=is_sure) if head else None
    currency = head.get("currency")
    payments = as_meant(facts, evidence.goods, currency)
    sums = sums_of(payments, currency, head.get("grand_total"))
    exchanged = exchanged_by(head)
    refundable = {*in_force(facts, RETURN), *in_force(facts, REFUND_REQUEST), *exchanged}
    unmatched = unmatched_refunds(payments, given_for_them(facts, payments, currency))
    refund_requests = refund_requests_of(facts, payments, currency)
    returns = returns_of(facts, evidence.goods, payments, currency)
    judged, now = judged_by(payments, sums, currency), {**head, "current_total": total_now}
    for_nothing = [each for each in unmatched if each["correlation_id"] not in refundable]
    known = {"order": now, "payment_sums": sums, "payments": payments, "returns": returns}
    known |= {"refund_requests": refund_requests}
    some_off = is_some_off(evidence, items)
    most = most_off(evidence, items, head)
    settling = given_for_it(for_nothing, known, judged, all_off=all_off, some_off=some_off, most=most)
    nothing = {each["payment"] for each in unmatched if each["amount"] == "0" or each["correlation_id"] in exchanged}
    in_part = in_part or _is_only_paid_back({fact.name for fact in facts}, payments, returns)
    open_refunds = [each for each in unmatched if each["payment"] not in settling | nothing and not in_part]
    is_historical = head.get("is_historical") is True
    missing = missing_events(evidence, is_historical=is_historical)
    received = [fact.received_at for fact in facts]
    return {
        "status": status,
        "fulfillment_status": _fulfillment_status(items, due, is_list_known=evidence.is_list_known),
        "payment_status": payment_status(payments, sums, currency, ended=status in {"completed", "cancelled"}),
        "return_status": return_status(facts, items, due, is_list_known=evidence.is_list_known),
        "provisional": bool(missing),
        "missing": missing,
        "suspected": suspected_events(evidence, payments, refundable, settling, of_elsewhere=is_historical or in_part),
        "contradictions": contradictions_of(evidence, items, shipped=shipped),
        "attention": attention_to(
            payments,
            sums,
            open_refunds,
            head,
            returns,
            refund_requests,
            undone=let_go(known, judged, all_off=all_off),
            in_part=in_part,
        ),
        "unprocessed": [],
        "version": len(facts),
        "order": now if head else {},
        "item_counts": dict(Counter(item["status"] for item in items.values())),
        "items": items,
        "fulfillment_requests": {key: request.document() for key, request in evidence.requests.items()},
        "payments": told,
        "payment_sums": sums,
        "returns": returns,
        "refund_requests": refund_requests,
        "unmatched_refunds": unmatched,
        "invoices": {
            key: {"published_at": instant(fact.published_at)} for key, fact in in_force(facts, INVOICE).items()
        },
        "timeline": [
            (fact.name, fact.source, instant(fact.published_at), fact.received_at) for fact in facts[-_TIMELINE:]
        ],
        "timeline_count": len(facts),
        "first_received_at": min(received),
        "last_received_at": max(received),
    }


def _is_only_paid_back(names: set[str], payments: Payments, returns: dict[str, dict[str, Any]]) -> bool:
    """Whether only refunds, refund requests and voids of credits that the order issued are known, as in the account of
    a blind return. Returns may be known, too, if something was refunded for each one that gives money back."""
    paid, voided = "payment_account.amount_refunded", "payment_account.amount_voided"
    settled = all(each["refunded"] != "0" or each["refund_outstanding"] in {None, "0"} for each in returns.values())
    if voided in names and not (payments and is_only_given_back(payments)):
        return False
    return names <= {REFUND_REQUEST, paid, voided, *({RETURN} if paid in names and settled else ())}


def _status(
    evidence: Evidence, head: dict[str, Any], items: Items, effective: Items, *, shipped: bool, is_all_out: bool
) -> str:
    names = {fact.name for fact in evidence.facts}
    states = {item["status"] for item in effective.values()}
    is_sent = SHIPPED in names and states <= _FINAL and is_all_out
    held = any(items[item]["status"] == "on_hold" for item in items.keys() - evidence.services)
    done = is_sent or (head.get("is_historical") is True and not held and "in_fulfillment" not in states)
    rules = (
        (CANCELLED in names and COMPLETED in names and shipped, "completed"),
        (CANCELLED in names, "cancelled"),
        (evidence.is_list_known and bool(states) and states <= _OUT, "cancelled"),
        (COMPLETED in names or done, "completed"),
        (held, "on_hold"),
        (bool(names & _IMPLY_OPENED) or any(fact.of_request for fact in evidence.facts), "open"),
        (bool(names & KNOWN), "created"),
    )
    return next((status for holds, status in rules if holds), "unknown")


def something_shipped(evidence: Evidence) -> bool:
    """Whether any fact says that goods went out."""
    shipped = evidence.named[SHIPPED].items()
    sent = {item for item, lines in shipped if any(text(line.get("status")) != "cancelled" for _, line in lines)}
    sent |= evidence.named[HANDED_OVER].keys()
    return (
        bool(of(evidence.facts, SHIPPED, HANDED_OVER) and (not sent or sent - evidence.services))
        or any(is_more_than_money(fact, evidence.services) for fact in in_force(evidence.facts, RETURN).values())
        or any(evidence.is_handed_over(item) for item in evidence.items - evidence.services)
        or any(
            evidence.stated(item, name) in {"complete", "returned"}
            for name in (COMPLETED, CANCELLED)
            for item in evidence.named[name].keys() - evidence.services
        )
    )


def _fulfillment_status(items: Items, due: Mapping[str, int], *, is_list_known: bool) -> str:
    """Counts pieces that are neither cancelled nor replaced. Nothing is due only if the list is known."""
    ordered = sum(due.values())
    shipped = sum(min(wanted, items[item]["shipped_quantity"]) for item, wanted in due.items())
    if not ordered and is_list_known:
        return "not_required"
    if not shipped:
        return "unfulfilled"
    return "fulfilled" if is_list_known and shipped >= ordered > 0 else "partial"
