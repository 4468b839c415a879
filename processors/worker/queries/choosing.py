"""Chooses the list that a question is about, and the list's order."""

from collections.abc import Collection, Mapping
from typing import Final

from processors.orders import ids
from processors.orders.blind import BLIND
from processors.orders.index import blind_id_prefix, id_prefix
from processors.orders.standing import (
    ATTENTION,
    CONTRADICTIONS,
    FAILED_TWICE,
    FINISHED,
    INCOMPLETE,
    ON_HOLD,
    REFUND_OUTSTANDING,
    STALLED,
    UNBALANCED,
    UNFINISHED,
)
from processors.worker.queries.gap_page import GAP_LISTS
from processors.worker.queries.listings import (
    All,
    Indexed,
    Listing,
    StandingIn,
    Together,
    blind_returns,
    having_status,
    in_exchange,
    named,
    provisional,
    totals,
)
from processors.worker.queries.pages import kind_of_list
from processors.worker.queries.questions import BLIND_RETURNS, EXCHANGES, GAPS, ORDERS, TOTALS, Question

BY_ID: Final[Mapping[str, str]] = {
    "external_id": ids.EXTERNAL,
    "return_id": ids.RETURN,
    "request_id": ids.REQUEST,
    "refund_request_id": ids.REFUND_REQUEST,
    "transaction_id": ids.TRANSACTION,
    "tracking_code": ids.TRACKING,
    "exchange_of": ids.EXCHANGE_OF,
}
"""Parameters that are an id, with the kind of the id."""
ANY_ID: Final = "q"
"""Parameter that is an order's id or any of `BY_ID`, except `exchange_of`."""
STATUS: Final = "status"
STATUSES: Final = ("created", "open", "on_hold", "completed", "cancelled", "unknown")
FLAGS: Final = (INCOMPLETE, STALLED, ATTENTION, CONTRADICTIONS, FAILED_TWICE, UNBALANCED, REFUND_OUTSTANDING)
"""Parameters that name a list; their value is `true`."""
PROVISIONAL: Final = "provisional"
"""Also a flag, but there is no list of it."""
PARAMETERS: Final = (ANY_ID, *BY_ID, STATUS, *FLAGS, PROVISIONAL)
BLIND_BY_ID: Final[Mapping[str, str]] = {"external_id": ids.EXTERNAL, "return_id": ids.RETURN}

_BY: Final[Mapping[str, Collection[str]]] = {
    ORDERS: PARAMETERS,
    BLIND_RETURNS: BLIND_BY_ID,
    GAPS: GAP_LISTS,
    TOTALS: (),
}
"""Parameters by which each list can be asked for."""

BY_AGE, BY_NAME = "age", "id"
"""Orders of lists: oldest first, and by id."""


class BadQuestionError(ValueError):
    """There is no such question; the message tells the caller why."""


def order_of(what: str, by: str, value: str) -> str:
    """Return the order of a list, `BY_AGE` or `BY_NAME`. BadQuestionError: there is no such list."""
    if by and by not in _BY[what]:
        raise BadQuestionError(f"nothing is found by `{by}`")
    if by in {*FLAGS, PROVISIONAL} and value != "true":
        raise BadQuestionError(f"`{by}` can only be `true`")
    if by == STATUS and value not in STATUSES:
        raise BadQuestionError(f"`status` is one of {', '.join(STATUSES)}")
    if by and not value:
        raise BadQuestionError(f"`{by}` is empty")
    if what == GAPS:
        return BY_AGE
    if what == BLIND_RETURNS:
        return BY_NAME if by else BY_AGE
    return BY_AGE if by in FLAGS or (by == STATUS and value not in FINISHED) else BY_NAME


def kind_of(what: str, by: str, value: str) -> str:
    """Return what a list's cursors begin with (`pages.kind_of_list`). BadQuestionError: there is no such list."""
    return kind_of_list(order_of(what, by, value), what, by, value)


def listing_of(question: Question) -> Listing:
    """Return the list of a partition that a question is about. BadQuestionError: there is no such list."""
    by, values = question.by, question.values
    if question.what == EXCHANGES:
        return in_exchange(values)
    if question.what not in _BY or by not in ("", *_BY[question.what]) or len(values) != bool(by):
        raise BadQuestionError("no worker of this version asks so")
    if question.what == BLIND_RETURNS:
        return _blind(by, *values)
    if question.what == GAPS:
        return StandingIn(by) if by else Together(StandingIn(INCOMPLETE), StandingIn(STALLED))
    if question.what == TOTALS:
        return totals()
    return _orders(by, *values)


def _blind(by: str = "", value: str = "") -> Listing:
    return Indexed(blind_id_prefix(BLIND_BY_ID[by], value), BLIND) if by else blind_returns()


def _orders(by: str = "", value: str = "") -> Listing:
    if not by:
        return All()
    if by == ANY_ID:
        kinds = [kind for kind in BY_ID.values() if kind != ids.EXCHANGE_OF]
        return Together(named(value), *(Indexed(id_prefix(kind, value)) for kind in kinds))
    if by in BY_ID:
        return Indexed(id_prefix(BY_ID[by], value))
    if by in {*FLAGS, PROVISIONAL}:
        return StandingIn(by) if by in FLAGS else provisional()
    if value == ON_HOLD:
        return StandingIn(ON_HOLD)
    return having_status(value) if value in FINISHED else StandingIn(UNFINISHED, value)
