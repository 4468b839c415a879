"""What has to be given back because an order or its items were cancelled, and what was (docs/completeness.md)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_head import exchanged_by
from tests.programs.checker.order_items import Items, due_pieces, effective_goods, ordered_pieces, pieces_off
from tests.programs.checker.order_kept import given_again, given_instead, given_up, held_of
from tests.programs.checker.order_money import allowance_of, are_alike, is_more, is_unread
from tests.programs.checker.order_returns import is_of_fee
from tests.programs.checker.order_voids import favours_of, let_go
from tests.programs.checker.values import less, times, total

Refunds = Sequence[dict[str, Any]]


def price_left(head: dict[str, Any], judged: str, *, all_off: bool) -> str | None:
    """What the order still costs in the judged currency. None: nothing was cancelled, or nobody knows its price
    there."""
    if all_off:
        return "0"
    price, left = head.get("grand_total"), head.get("current_total")
    return left if judged == head.get("currency") and price is not None and left != price else None


def is_kept(state: dict[str, Any], judged: str, left: str | None, *, all_off: bool) -> bool:
    """Whether the shop keeps more of the customer's money than `left`. What it gave back for goods was not for what was
    cancelled. False if a refund or void cannot be read."""
    of_it = state["payment_sums"].get(judged)
    if of_it is None or any(is_unread(state["payments"], action, judged) for action in ("refunded", "voided")):
        return False
    held = held_of(judged, of_it, state["payments"], state["returns"], state["refund_requests"], price=left)
    undone = let_go(state, judged, all_off=all_off)
    return is_more(less(held, *undone.values(), left, allowance_of(state["payments"], judged)))


def is_some_off(evidence: Evidence, items: Items) -> bool:
    """Whether anything was cancelled, even one piece."""
    due = {key: due_pieces(evidence, items, key) for key in effective_goods(evidence, items)}
    wanted = {key for key in due if items[key]["status"] not in {"cancelled", "replaced"}}
    return any(item["status"] == "cancelled" for item in items.values()) or any(
        due[key] < ordered_pieces(items[key]) for key in wanted
    )


def most_off(evidence: Evidence, items: Items, head: dict[str, Any]) -> str | None:
    """The most that can have been paid for what was cancelled: list prices and taxes of the items, and the shipping or,
    if that is more, what no item accounts for. None if a price or a quantity is not known."""
    price, off, every = head.get("grand_total"), ["0"], ["0"]
    for key, item in items.items():
        if not item["ordered"]:
            continue
        if price is None or item["list_price"] is None or item["quantity"] is None:
            return None
        worth = total((times(item["list_price"], item["quantity"]), item["tax"] or "0"))
        every.append(worth)
        if item["status"] in {"cancelled", "replaced"} or pieces_off(evidence, items, key):
            off.append(worth)
    shipping = total((head.get("shipping_total") or "0", head.get("shipping_tax") or "0"))
    rest = less(price, *every)
    if price is None or rest is None:
        return None
    return total((*off, max(rest, shipping, key=Decimal)))


def given_for_it(
    unmatched: Refunds, state: dict[str, Any], judged: str, *, all_off: bool, some_off: bool, most: str | None
) -> set[str]:
    """The unmatched refunds that need not name anything known: see "Refunds that name nothing known" in
    docs/order-state.md. Those in the judged currency count all together or not at all. Refunds that replace a voided
    credit, and credits that were voided as a whole, are there in any case. `some_off`: something was cancelled. If
    nobody knows its price, `most` is the most that it can have been."""
    head, sums, payments = state["order"], state["payment_sums"], state["payments"]
    swapped = {*given_instead(payments, judged, state["returns"])}
    rests = given_up(payments, judged, {*state["returns"], *state["refund_requests"]})
    swapped |= {key for key, left in rests.items() if left == "0"}
    rest = [
        {**each, "amount": rests.get(each["payment"], each["amount"])}
        for each in unmatched
        if each["payment"] not in swapped
    ]
    fitting = [each for each in rest if each["amount"] is not None and (each["currency"] or "") == judged]
    keys, known = {each["payment"] for each in fitting}, {*swapped}
    if all_off or not keys:
        return keys | known
    undone = let_go(state, judged, all_off=all_off)
    exchanged = exchanged_by(head) - {*state["returns"], *state["refund_requests"]}
    for_exchanged = [
        each["amount"]
        for each in payments.values()
        if each["status"] == "refunded" and each["amount"] is not None
        if each["correlation_id"] in exchanged and (each["currency"] or "") == judged
    ]
    there, allowance = less(sums[judged]["captured"], *undone.values(), *for_exchanged), allowance_of(payments, judged)
    together = total(each["amount"] for each in fitting)
    if some_off and head.get("current_total") is None:
        stays = less(there, together)
        beyond = less(_claimed(state, judged), stays, allowance)
        price = head.get("grand_total") if judged == head.get("currency") else None
        if most is not None and price is not None and is_more(less(price, stays, most, allowance)):
            return known
        return keys | known if is_more(less(stays, allowance)) and not is_more(beyond) else known
    price = (head.get("current_total") or head.get("grand_total")) if judged == head.get("currency") else None
    spare = less(there, price)
    asked = favours_of(state, judged)
    gone = [amount for amount in (*asked, total(asked)) if is_more(amount)]
    if not is_more(spare) or any(are_alike(amount, spare, allowance) for amount in gone):
        return known
    return known if is_more(less(together, spare, allowance)) else keys | known


def _claimed(state: dict[str, Any], judged: str) -> str:
    """What returns and refund requests got, without what replaced a voided credit, and are still to get."""
    promises = [*state["returns"].values(), *state["refund_requests"].values()]
    fitting = [each for each in promises if (each["currency"] or judged) == judged]
    allowance = allowance_of(state["payments"], judged)
    open_ones = [each["refund_outstanding"] for each in fitting if not is_of_fee(each, allowance)]
    owed = filter(is_more, open_ones)
    returns, requests = state["returns"], state["refund_requests"]
    again = given_again(state["payments"], judged, returns, requests).values()
    return less(total((*owed, *(each["refunded"] for each in fitting))), *again) or "0"
