"""What a document leaves open where some events never come, because the bridge is not subscribed to them."""

from collections.abc import Collection
from typing import Any

from tests.programs.checker.facts import (
    ACTIONS,
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

_FEWER = {CANCELLED, ITEMS_CANCELLED, COMPLETED, SHIPPED}
_OTHERS = {*_FEWER, OPENED, SWAP}
_RESERVED, _TAKEN, _RELEASED, _GIVEN = ACTIONS


def as_heard(state: dict[str, Any], unheard: Collection[str], *, is_list_known: bool) -> dict[str, Any]:
    """The document of a bridge that does not get the events ``unheard``."""
    silent = {*unheard}
    questions = {
        "fulfillment_status": _of_pieces(state["fulfillment_status"], is_list_known=is_list_known),
        "return_status": _of_returns(state["return_status"]),
        "payment_status": _of_money(state["payment_status"], is_over=state["status"] in {"completed", "cancelled"}),
    }
    found = state | {field: "unknown" for field, names in questions.items() if names & silent}
    if silent & {*ACTIONS}:
        found["payment_sums"] = {}
    if found["order"] and silent & {HANDED_OVER, *_OTHERS}:
        found["order"] = {**found["order"], "current_total": None}
    if _GIVEN in silent:
        open_ones = {"refund_outstanding": None}
        found["returns"] = {key: {**each, "refunded": None, **open_ones} for key, each in state["returns"].items()}
        found["refund_requests"] = {key: {**each, **open_ones} for key, each in state["refund_requests"].items()}
    return found


def _of_pieces(status: str, *, is_list_known: bool) -> set[str]:
    """What could have told otherwise of a status, as below."""
    if status == "fulfilled":
        return {OPENED}
    if status == "not_required":  # what is said to be cancelled may be all but what went out
        return {OPENED, HANDED_OVER, SHIPPED, COMPLETED}
    names = {HANDED_OVER, *(_OTHERS if status == "partial" else _FEWER)}
    return names if is_list_known else {*names, CREATED, OPENED}


def _of_returns(status: str) -> set[str]:
    return {"none": {RETURN}, "full": {OPENED}}.get(status, {RETURN, *_OTHERS})


def _of_money(status: str, *, is_over: bool) -> set[str]:
    later = {
        "none": {_RESERVED, _TAKEN, _RELEASED, _GIVEN},
        "voided": {_RESERVED, _TAKEN, _GIVEN},
        "authorized": {_TAKEN, _RELEASED, _GIVEN},
        "partially_captured": {_TAKEN, _RELEASED, _GIVEN, HANDED_OVER, *_FEWER},
        "captured": {_GIVEN} if is_over else {_RESERVED, _GIVEN},
        "partially_refunded": {_TAKEN, _GIVEN},
        "refunded": {_TAKEN},
    }
    return later.get(status, set())
