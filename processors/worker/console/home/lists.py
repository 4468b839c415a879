"""The lists of orders that somebody has to look at, the oldest first."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from processors.orders.verdict.pieces import FULFILLED
from processors.orders.verdict.verdict import RETURNED

BLIND: Final = "blind-returns"


class OrderList(NamedTuple):
    """A list: `name` is in its path, `by` and `value` are its question to the queries, `says` tells what is in it, and
    `none` that it is empty."""

    name: str
    title: str
    by: str
    value: str
    says: str
    none: str


LISTS: Final[Sequence[OrderList]] = (
    OrderList(
        "incomplete",
        "Incomplete",
        "incomplete",
        "true",
        "An event that must exist is later than it can be, and not in Kafka: ask NewStore for it again.",
        "No order waits for an event that is late.",
    ),
    OrderList(
        "stalled",
        "Stalled",
        "stalled",
        "true",
        "What should have followed the last events has not, for longer than it may take.",
        "No order has stopped on its way.",
    ),
    OrderList(
        "on-hold",
        "On hold",
        "status",
        "on_hold",
        "Some item is on hold: nobody can fulfil it at present.",
        "No order is on hold.",
    ),
    OrderList(
        "failed-twice",
        "Failed twice",
        "failed_twice",
        "true",
        "Two fulfilment requests or more failed something that is still to be sent.",
        "No order is known to wait for what failed twice.",
    ),
    OrderList(
        "attention",
        "Attention",
        "attention",
        "true",
        "Possible, and somebody should look: over-captured, other currencies, refunds for nothing that is known.",
        "No order needs anybody's attention.",
    ),
    OrderList(
        "contradictions",
        "Contradictions",
        "contradictions",
        "true",
        "Facts that cannot all be true.",
        "No order's facts contradict each other.",
    ),
    OrderList(
        "unbalanced",
        "Unbalanced",
        "unbalanced",
        "true",
        "Completed, and less or more was taken than the order costs without what was cancelled.",
        "No completed order is known to have taken less or more.",
    ),
    OrderList(
        "refund-outstanding",
        "Refund outstanding",
        "refund_outstanding",
        "true",
        "A return or a refund request is still owed something, unless an exchange that only the other order knows "
        "settles it.",
        "No return and no refund request is known to be owed anything.",
    ),
    OrderList(
        BLIND,
        "Blind returns",
        "",
        "",
        "Returns and refunds that belong to no order that is known.",
        "No blind return has arrived.",
    ),
)
BY_NAME: Final[Mapping[str, OrderList]] = {each.name: each for each in LISTS}


_STATUSES: Final[Mapping[str, Mapping[str, str]]] = {
    "status": {},
    "fulfillment_status": FULFILLED,
    "payment_status": {"unknown": "payment unknown"},
    "return_status": RETURNED,
}
"""Words for the values of each status field that would be unclear alone."""


class Line(NamedTuple):
    """An order in a list; None stands for what a worker does not tell. `says`: its statuses, with words for them."""

    order_id: str
    external_id: str | None
    since: str | None
    says: Sequence[tuple[str, str]]
    grand_total: str | None
    currency: str | None
    marks: Sequence[str]


def lines_of(body: Mapping[str, Any]) -> Sequence[Line]:
    """Return the orders of a page of answers."""
    return [_line(each) for each in body["orders"]]


def _line(said: Mapping[str, Any]) -> Line:
    statuses = [(said.get(name), words) for name, words in _STATUSES.items()]
    says = [(value, words.get(value, value)) for value, words in statuses if value and value != "none"]
    return Line(
        said["order_id"],
        said.get("external_id"),
        said.get("since") or said.get("last_received_at"),
        says,
        said.get("grand_total"),
        said.get("currency"),
        [name for name in ("incomplete", "provisional", "stalled", "attention") if said.get(name)],
    )


class BlindReturn(NamedTuple):
    """A return, or a refund, that belongs to no order. `id`: of the return, or of the account that was paid; None where
    the event has none. `order_id`: the order id of a refund's state."""

    kind: str
    id: str | None
    order_id: str | None
    external_order_id: str | None
    since: str


def blind_of(body: Mapping[str, Any]) -> Sequence[BlindReturn]:
    """Return the entries of a page of blind returns."""
    return [
        BlindReturn(
            each["kind"],
            each.get("return_id") or each["order_id"],
            each["order_id"],
            each.get("external_order_id"),
            each["since"],
        )
        for each in body["blind_returns"]
    ]
