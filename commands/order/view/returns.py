"""Returns, requested refunds, and refunds that belong to neither."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from rich.table import Table

from commands.terminal.tables import table
from processors.orders.verdict.refunds import refund_sums, settled_by, unread_refunds
from processors.orders.verdict.text import alone, column, to_the_second, together, told
from schemas.order_state import OrderState, RefundRequest, Return, ReturnedItem, UnmatchedRefund

_AMOUNTS: Final = ("promised", "refunded", "outstanding")


class _Row(NamedTuple):
    kind: str
    description: str
    promised: str | None
    refunded: str | None
    outstanding: str | None


def returns(state: OrderState) -> Table | None:
    """A row for each of them; None: there are none."""
    found = list(_rows(state))
    if not found:
        return None
    rows = table("", *_AMOUNTS, "what", title="Returns and refunds", numbers=_AMOUNTS)
    amounts = (column(getattr(row, name) for row in found) for name in _AMOUNTS)
    for row, *told_amounts in zip(found, *amounts, strict=True):
        rows.add_row(row.kind, *told_amounts, row.description)
    return rows


def _rows(state: OrderState) -> Iterator[_Row]:
    unread = unread_refunds(state)
    for return_id, done in state.returns.items():
        yield _Row("return", together(_return(return_id, done)), *refund_sums(done, is_known=return_id not in unread))
    for request_id, asked in state.refund_requests.items():
        text = together(_request(request_id, asked))
        yield _Row("request", text, *refund_sums(asked, is_known=request_id not in unread))
    for unmatched in state.unmatched_refunds:
        yield _Row("unmatched", together(_unmatched(unmatched)), None, unmatched.amount, None)


def _return(return_id: str, done: Return) -> Iterator[str | None]:
    yield done.currency or "unknown currency"
    yield to_the_second(done.returned_at)
    for line in done.items:
        yield f"{told(line.quantity)} of {line.product_id or line.id or 'unknown product'}"
    for line in done.unmapped:
        yield _unmapped(line)
    yield None if done.return_fee in {None, "0"} else f"fee {alone(done.return_fee)}"
    yield done.return_location_id and f"at {done.return_location_id}"
    orders = ", ".join(settled_by(done))
    yield orders and f"settled by exchange {orders}"
    yield return_id


def _unmapped(line: ReturnedItem) -> str:
    """A line that is no item of the order, such as shipping: its type and amount."""
    return f"{line.item_type or line.product_id or 'unknown line'} {alone(line.refund_amount)}"


def _request(request_id: str, asked: RefundRequest) -> Iterator[str | None]:
    yield asked.currency or "unknown currency"
    yield to_the_second(asked.requested_at)
    yield asked.return_reason
    yield request_id


def _unmatched(refund: UnmatchedRefund) -> Iterator[str | None]:
    yield refund.currency or "unknown currency"
    yield f"for {refund.correlation_id}" if refund.correlation_id else "for nothing that it names"
    yield refund.payment
