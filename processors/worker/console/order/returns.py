"""What came back, and the money for it: a line for each return, refund request, and refund that is for neither."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from processors.orders.verdict.amounts import alone
from processors.orders.verdict.refunds import Settled, settled, unread_refunds
from processors.orders.verdict.text import together, told
from schemas.order_state import OrderState, Return

_MOST_LINES = 20


class Refund(NamedTuple):
    """One line; amounts are exact texts, `-` where they are not known. `is_open`: something is outstanding."""

    kind: str
    id: str
    at: str | None
    currency: str
    promised: str
    refunded: str
    outstanding: str
    is_open: bool
    says: str


def refunds_of(state: OrderState) -> Sequence[Refund]:
    """Return the lines, returns first."""
    return list(_lines(state))


def _lines(state: OrderState) -> Iterator[Refund]:
    unread = unread_refunds(state)
    for return_id, done in state.returns.items():
        sums = settled(done, is_known=return_id not in unread)
        yield _line("return", return_id, done.returned_at, done.currency, sums, together(_says(done)))
    for request_id, asked in state.refund_requests.items():
        sums = settled(asked, is_known=request_id not in unread)
        says = together([asked.return_reason, asked.reason_code])
        yield _line("refund request", request_id, asked.requested_at, asked.currency, sums, says)
    for refund in state.unmatched_refunds:
        sums = Settled(None, refund.amount, None)
        says = f"for {refund.correlation_id}" if refund.correlation_id else "for nothing that it names"
        yield _line("unmatched refund", refund.payment, None, refund.currency, sums, says)


def _line(kind: str, own_id: str, at: str | None, currency: str | None, sums: Settled, says: str) -> Refund:
    promised, refunded, outstanding = map(alone, sums)
    is_open = sums.outstanding not in {None, "0"}
    return Refund(kind, own_id, at, currency or "unknown currency", promised, refunded, outstanding, is_open, says)


def _says(done: Return) -> Iterator[str | None]:
    for line in done.items[:_MOST_LINES]:
        yield f"{told(line.quantity)} of {line.product_id or line.id or 'unknown product'}"
        yield line.return_reason
    for line in done.unmapped[:_MOST_LINES]:
        yield f"{line.item_type or line.product_id or 'unknown line'} {alone(line.refund_amount)}"
    more = max(0, len(done.items) - _MOST_LINES) + max(0, len(done.unmapped) - _MOST_LINES)
    yield f"{more:,} more lines" if more else None
    yield None if done.return_fee in {None, "0"} else f"fee {alone(done.return_fee)}"
    yield done.return_location_id and f"at {done.return_location_id}"
