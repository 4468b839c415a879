"""What an order waits for next, however long it has waited (docs/completeness.md)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from tests.programs.checker.facts import (
    CANCELLED,
    COMPLETED,
    CREATED,
    HANDED_OVER,
    ITEMS_CANCELLED,
    OPENED,
    RETURN,
    SHIPPED,
    SWAP,
)
from tests.programs.checker.order_cancelled import given_for_it, is_kept, is_some_off, most_off, price_left
from tests.programs.checker.order_credits import as_meant
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_fold import something_shipped
from tests.programs.checker.order_head import exchanged_by
from tests.programs.checker.order_items import Items, effective_goods, ordered_pieces, pieces_off
from tests.programs.checker.order_kept import given_instead, given_up, not_gone
from tests.programs.checker.order_money import allowance_of, is_more, is_unread, judged_by, names_only_itself
from tests.programs.checker.order_returns import is_of_fee
from tests.programs.checker.order_voids import is_only_given_back, let_go
from tests.programs.checker.values import less, total

_CAPTURED, _REFUNDED = "payment_account.amount_captured", "payment_account.amount_refunded"
_FINAL = {"cancelled", "replaced", "complete", "returned"}
_ENDED = {"completed", "cancelled"}

State = dict[str, Any]
"""The order's document, as it follows from its facts."""


def next_events(evidence: Evidence, state: State) -> set[str]:
    """What may be in `stalled` of an order that is known from its beginning."""
    if state["order"].get("is_historical") is True:
        return set()
    found = {
        *_of_order(evidence, state),
        *_of_requests(evidence, state),
        *_of_captures(evidence, state),
        *_of_refunds(evidence, state),
    }
    return found - set(state["missing"])


def _of_order(evidence: Evidence, state: State) -> Iterator[str]:
    names = {fact.name for fact in evidence.facts}
    if state["status"] in _ENDED:
        return
    if CREATED in names and not names & {OPENED, CANCELLED}:
        yield OPENED
    statuses = {item["status"] for item in effective_goods(evidence, state["items"]).values()}
    ends = names & {HANDED_OVER, SHIPPED, ITEMS_CANCELLED, SWAP, RETURN}
    is_all_out = state["fulfillment_status"] in {"fulfilled", "not_required"}
    if evidence.is_list_known and statuses and statuses <= _FINAL and is_all_out and ends:
        yield COMPLETED


def _of_requests(evidence: Evidence, state: State) -> Iterator[str]:
    if state["status"] in _ENDED:
        return
    for key, request in state["fulfillment_requests"].items():
        ready = {item for item, said in request["items"].items() if said["status"] == "ready"}
        if any(_is_to_be_fetched(evidence, state["items"], item) for item in ready):
            yield f"{HANDED_OVER}:{key}"


def _is_to_be_fetched(evidence: Evidence, items: Items, item: str) -> bool:
    """Whether a piece of the item is still here and was not cancelled."""
    known, gone = items[item], items[item]["shipped_quantity"] + pieces_off(evidence, items, item)
    is_here_in_part = known["status"] == "complete" and gone < ordered_pieces(known)
    return known["status"] in {"in_fulfillment", "on_hold"} or is_here_in_part


def _is_even_exchange(state: State) -> bool:
    """Whether it is an exchange of which nothing was paid or given back yet."""
    amounts = {payment["amount"] for payment in state["payments"].values()}
    return state["order"].get("is_exchange") is True and amounts <= {"0"}


def _of_captures(evidence: Evidence, state: State) -> Iterator[str]:
    names = {fact.name for fact in evidence.facts}
    moved = {key: each for key, each in state["payments"].items() if each["amount"] != "0"}
    is_even = state["order"].get("is_exchange") is True and is_only_given_back(moved)
    if is_even or state["fulfillment_status"] not in {
        "partial",
        "fulfilled",
    }:
        return
    if not any(each["status"] == "captured" for each in moved.values()):
        if not _costs_nothing(state) and names & {HANDED_OVER, SHIPPED, COMPLETED, RETURN}:
            yield _CAPTURED
    elif state["fulfillment_status"] == "fulfilled" and _is_more_due(evidence, state):
        yield _CAPTURED


def _costs_nothing(state: State) -> bool:
    """Whether the order costs nothing now, or did not from the beginning. Its present price says nothing of payments in
    another currency."""
    order = state["order"]
    is_judged = not state["payments"] or _judged(state) == order.get("currency")
    return bool(order.get("grand_total") == "0" or (is_judged and order.get("current_total") == "0"))


def _is_more_due(evidence: Evidence, state: State) -> bool:
    """Judges in the order's currency if anything was paid in it, else in the first one; only the former has a balance.
    All goods must have gone out, or the rest was cancelled and `current_total` says what that was worth. It does not
    matter what came back."""
    states = {item["status"] for item in effective_goods(evidence, state["items"]).values()}
    if not states & {"complete", "returned"} or states - _FINAL:
        return False
    currency = state["order"].get("currency")
    paid_in = {payment["currency"] for payment in state["payments"].values()}
    judged = currency if currency in paid_in else min(state["payment_sums"], default="")
    sums = state["payment_sums"].get(judged)
    if sums is None or sums["balance"] is None:
        return False
    some_off = any(item["status"] == "cancelled" for item in state["items"].values())  # gift wrapping, too
    is_less = some_off or state["order"].get("current_total") is None
    due = less(state["order"].get("current_total"), sums["captured"]) if is_less else sums["balance"]
    allowance = allowance_of(state["payments"], judged)
    return all(is_more(less(amount, allowance)) for amount in (due, sums["open_authorization"]))


def _of_refunds(evidence: Evidence, state: State) -> Iterator[str]:
    if _is_money_kept(evidence, state):
        yield _REFUNDED
    refunds = [each for each in state["payments"].values() if each["status"] == "refunded"]
    refunded = {each["correlation_id"] for each in refunds if each["amount"] != "0"}
    exchanged = exchanged_by(state["order"])
    fees = {key for key, said in state["returns"].items() if is_of_fee(said, _allowance(state, said))}
    owing = [said for key, said in state["returns"].items() if key not in exchanged | fees]
    owing += state["refund_requests"].values()
    nameless = _nameless_refunds(evidence, state)
    settled = {currency: _is_settled(state, currency, owing, nameless) for currency in _currencies(state)}
    for key, said in state["returns"].items():
        if (
            state["order"].get("grand_total") != "0"
            and not _is_even_exchange(state)
            and key not in refunded | exchanged | fees
            and _is_owed(said["refund_outstanding"])
            and not settled[_currency(state, said)]
            and not _is_paid_back(evidence, state, _currency(state, said))
        ):
            yield f"{_REFUNDED}:{key}"
    for key, said in state["refund_requests"].items():
        outstanding = said["refund_outstanding"]
        few = _allowance(state, said) if key in refunded else "0"
        if is_more(less(outstanding, few)) or (outstanding is None and key not in refunded):
            yield f"{_REFUNDED}:{key}"


def _is_money_kept(evidence: Evidence, state: State) -> bool:
    """Whether something was cancelled, and the shop keeps more than the rest costs."""
    if not {fact.name for fact in evidence.facts} & {CANCELLED, ITEMS_CANCELLED, COMPLETED, SHIPPED}:
        return False
    all_off = _is_all_off(evidence, state)
    left = price_left(state["order"], _judged(state), all_off=all_off)
    payments = as_meant(evidence.facts, evidence.goods, state["order"].get("currency"))
    return is_kept({**state, "payments": payments}, _judged(state), left, all_off=all_off)


def _is_paid_back(evidence: Evidence, state: State, currency: str) -> bool:
    """Whether the shop has nothing left of what it took in a currency, as far as that can be read."""
    sums, payments = state["payment_sums"].get(currency), state["payments"]
    if sums is None or not is_more(sums["captured"]) or is_unread(payments, "captured", currency):
        return False
    meant = as_meant(evidence.facts, evidence.goods, state["order"].get("currency"))
    judged = currency == _judged(state)
    undone = let_go({**state, "payments": meant}, currency, all_off=_is_all_off(evidence, state)) if judged else {}
    instead = not_gone(meant, currency, state["returns"], state["refund_requests"]) if judged else "0"
    return not is_more(less(total((sums["net"], instead)), *undone.values(), allowance_of(payments, currency)))


def _judged(state: State) -> str:
    return judged_by(state["payments"], state["payment_sums"], state["order"].get("currency"))


def _currency(state: State, said: dict[str, Any]) -> str:
    return said["currency"] or _judged(state)


def _allowance(state: State, said: dict[str, Any]) -> str:
    return allowance_of(state["payments"], _currency(state, said))


def _currencies(state: State) -> set[str]:
    return {_currency(state, said) for said in state["returns"].values()}


def _nameless_refunds(evidence: Evidence, state: State) -> list[dict[str, Any]]:
    """Refunds that may be for anything. Those for what was cancelled are none of these, unless nobody knows its price
    and they name themselves, as credits for goods do."""
    named, judged, all_off = (
        {*state["returns"], *state["refund_requests"], *exchanged_by(state["order"])},
        _judged(state),
        _is_all_off(evidence, state),
    )
    unmatched = [each for each in state["unmatched_refunds"] if each["correlation_id"] not in named]
    payments = as_meant(evidence.facts, evidence.goods, state["order"].get("currency"))
    meant, some_off = {**state, "payments": payments}, is_some_off(evidence, state["items"])
    most = most_off(evidence, state["items"], state["order"])
    taken = given_for_it(unmatched, meant, judged, all_off=all_off, some_off=some_off, most=most)
    unknown = some_off and not all_off and state["order"].get("current_total") is None
    instead = {*given_instead(payments, judged, state["returns"])}
    rests = given_up(payments, judged, {*state["returns"], *state["refund_requests"]})
    instead |= {key for key, left in rests.items() if left == "0"}
    unmatched = [{**each, "amount": rests.get(each["payment"], each["amount"])} for each in unmatched]
    own = {each["payment"] for each in unmatched if names_only_itself(payments[each["payment"]])} - instead
    return [each for each in unmatched if each["payment"] not in taken or (unknown and each["payment"] in own)]


def _is_settled(
    state: State, currency: str, owing: Sequence[dict[str, Any]], nameless: Sequence[dict[str, Any]]
) -> bool:
    """Whether the nameless refunds in a currency may settle all that is owed in it."""
    amounts = [each["amount"] for each in nameless if _currency(state, each) == currency]
    given = total(amounts)
    fitting = (said["refund_outstanding"] for said in owing if _currency(state, said) == currency)
    owed = total(outstanding for outstanding in fitting if is_more(outstanding))
    return None in amounts or (
        is_more(given) and not is_more(less(owed, given, allowance_of(state["payments"], currency)))
    )


def _is_all_off(evidence: Evidence, state: State) -> bool:
    return state["status"] == "cancelled" and not something_shipped(evidence)


def _is_owed(outstanding: str | None) -> bool:
    return outstanding is None or Decimal(outstanding) > 0
