"""What a document leaves open if some events never come, because the bridge is not subscribed to them."""

from collections.abc import Collection
from typing import Any

from tests.programs.checker.facts import (
    ACTIONS,
    CANCELLED,
    COMPLETED,
    CREATED,
    FAILED,
    HANDED_OVER,
    ITEMS_CANCELLED,
    OPENED,
    RETURN,
    SHIPPED,
    SWAP,
)
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_money import is_more, judged_by, least_of
from tests.programs.checker.values import less

_FEWER = {CANCELLED, ITEMS_CANCELLED, COMPLETED, SHIPPED}
_OTHERS = {*_FEWER, OPENED, SWAP}
_MORE = {OPENED, HANDED_OVER, SHIPPED, COMPLETED}
"""These may tell of goods that stay in the order, though it looks as if none did."""
_RESERVED, _TAKEN, _RELEASED, _GIVEN = ACTIONS


def as_heard(state: dict[str, Any], unheard: Collection[str], evidence: Evidence) -> dict[str, Any]:
    """The document of a bridge that does not get the events `unheard`."""
    silent, ends = {*unheard}, {fact.name for fact in evidence.facts} & {CANCELLED, COMPLETED}
    is_over = state["status"] in {"completed", "cancelled"} and bool(ends or not silent & _MORE)
    questions = {
        "fulfillment_status": _of_pieces(state["fulfillment_status"], is_list_known=evidence.is_list_known),
        "return_status": _of_returns(state["return_status"]),
        "payment_status": _of_money(state["payment_status"], is_over=is_over, is_used=_is_used(state)),
    }
    found = state | {field: "unknown" for field, names in questions.items() if names & silent}
    if silent & {*ACTIONS}:
        found["payment_sums"] = {}
    elif OPENED in silent:  # order.opened may change the total
        found["payment_sums"] = {key: {**sums, "balance": None} for key, sums in state["payment_sums"].items()}
    doubtful = {"item_cancelled_and_shipped": _MORE, "returned_more_than_ordered": {OPENED}}
    found["contradictions"] = [each for each in state["contradictions"] if not silent & doubtful.get(each[0], set())]
    if found["order"] and silent & {HANDED_OVER, *_OTHERS}:
        found["order"] = {**found["order"], "current_total": None}
    if _GIVEN in silent:
        open_ones = {"refund_outstanding": None}
        found["returns"] = {key: {**each, "refunded": None, **open_ones} for key, each in state["returns"].items()}
        found["refund_requests"] = {key: {**each, **open_ones} for key, each in state["refund_requests"].items()}
    return found


def as_awaited(names: Collection[str], unheard: Collection[str]) -> set[str]:
    """What an order waits for according to such a bridge: nothing that one of these events may have ended."""
    silent = {*unheard}
    if {CREATED, OPENED} <= silent:
        return set()  # any order may be an imported one
    return {name for name in names if not silent & _over_with(*name.partition(":")[::2])}


def _over_with(name: str, of: str) -> set[str]:
    """The events that may end the wait for the one of this name. `of`: its request or return, if any."""
    if name == _GIVEN:
        return {*ACTIONS} if of else {*ACTIONS, HANDED_OVER, *_OTHERS}
    return {
        OPENED: {OPENED, CANCELLED, ITEMS_CANCELLED},
        HANDED_OVER: {HANDED_OVER, FAILED, OPENED, *_FEWER},
        _TAKEN: {*ACTIONS, OPENED, *_FEWER},
    }.get(name, {COMPLETED, SHIPPED, CANCELLED, OPENED})


def _is_used(state: dict[str, Any]) -> bool:
    judged = judged_by(state["payments"], state["payment_sums"], state["order"].get("currency"))
    sums = state["payment_sums"].get(judged)
    return sums is None or not is_more(less(sums["open_authorization"], least_of(judged)))


def _of_pieces(status: str, *, is_list_known: bool) -> set[str]:
    """The events that could change this status."""
    if status == "fulfilled":
        return {OPENED}
    if status == "not_required":  # what was cancelled may be only what had not gone out
        return _MORE
    names = {HANDED_OVER, *(_OTHERS if status == "partial" else {OPENED, *_FEWER})}
    return names if is_list_known else {*names, CREATED}


def _of_returns(status: str) -> set[str]:
    return {"none": {RETURN}, "full": _MORE}.get(status, {RETURN, *_OTHERS})


def _of_money(status: str, *, is_over: bool, is_used: bool) -> set[str]:
    """`is_used`: nothing of the authorizations is left, so it does not matter whether the order `is_over`."""
    taken = {_GIVEN} if is_over else {_RESERVED, _GIVEN, *(() if is_used else _MORE)}
    later = {
        "none": {_RESERVED, _TAKEN, _RELEASED, _GIVEN},
        "voided": {_RESERVED, _TAKEN, _GIVEN},
        "authorized": {_TAKEN, _RELEASED, _GIVEN},
        "partially_captured": {_TAKEN, _RELEASED, _GIVEN, HANDED_OVER, OPENED, *_FEWER},
        "captured": taken,
        "partially_refunded": {_TAKEN, _GIVEN},
        "refunded": {_TAKEN},
    }
    return later.get(status, set())
