"""What came back, and the money for it: a line for each return, each refund request, and each refund for neither."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from processors.orders.verdict.refunds import RefundSums, refund_sums, settled_by, unread_refunds
from processors.orders.verdict.text import alone, column, together, told
from schemas.money import NOTHING
from schemas.order_state import OrderState, Return

_MOST_LINES = 20


class Refund(NamedTuple):
    """One line. Amounts are exact texts, `-` where not known. `is_open`: something is owed, and no order is in exchange
    for it (`settled_by`)."""

    kind: str
    id: str
    at: str | None
    currency: str
    says: str
    is_open: bool
    promised: str
    refunded: str
    outstanding: str
    settled_by: Sequence[str]


class _Said(NamedTuple):
    kind: str
    id: str
    at: str | None
    currency: str | None
    says: str
    sums: RefundSums
    settled_by: Sequence[str] = ()


def refunds_of(state: OrderState) -> Sequence[Refund]:
    """Return the lines, returns first."""
    found = list(_said(state))
    promised, refunded, outstanding = (
        column(getattr(each.sums, name) for each in found) for name in RefundSums._fields
    )
    return [
        Refund(
            *each[:3],
            currency=each.currency or "unknown currency",
            says=each.says,
            is_open=_is_owed(each.sums.outstanding) and not each.settled_by,
            promised=promised[at],
            refunded=refunded[at],
            outstanding=outstanding[at],
            settled_by=each.settled_by,
        )
        for at, each in enumerate(found)
    ]


def _is_owed(outstanding: str | None) -> bool:
    """Whether it is known to be above 0: below it, more was refunded than was promised."""
    return outstanding not in {None, NOTHING} and not str(outstanding).startswith("-")


def _said(state: OrderState) -> Iterator[_Said]:
    unread = unread_refunds(state)
    for return_id, done in state.returns.items():
        sums = refund_sums(done, is_known=return_id not in unread)
        says, orders = together(_says(done)), settled_by(done)[:_MOST_LINES]
        yield _Said("return", return_id, done.returned_at, done.currency, says, sums, orders)
    for request_id, asked in state.refund_requests.items():
        sums = refund_sums(asked, is_known=request_id not in unread)
        says = together([asked.return_reason, asked.reason_code])
        yield _Said("refund request", request_id, asked.requested_at, asked.currency, says, sums)
    for refund in state.unmatched_refunds:
        says = f"for {refund.correlation_id}" if refund.correlation_id else "for nothing that it names"
        sums = RefundSums(None, refund.amount, None)
        yield _Said("unmatched refund", refund.payment, None, refund.currency, says, sums)


def _says(done: Return) -> Iterator[str | None]:
    for line in done.items[:_MOST_LINES]:
        yield f"{told(line.quantity)} of {line.product_id or line.id or 'unknown product'}"
        yield line.return_reason
    for line in done.unmapped[:_MOST_LINES]:
        yield f"{line.item_type or line.product_id or 'unknown line'} {alone(line.refund_amount)}"
    more = max(0, len(done.items) - _MOST_LINES) + max(0, len(done.unmapped) - _MOST_LINES)
    yield f"{more:,} more lines" if more else None
    yield None if done.return_fee in {None, NOTHING} else f"fee {alone(done.return_fee)}"
    yield done.return_location_id and f"at {done.return_location_id}"
