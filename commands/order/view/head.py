"""The order as a whole. It only says whether the customer is known: a terminal is no place for personal data."""

from collections.abc import Iterator

from rich.table import Table

from commands.terminal.tables import pairs
from processors.orders.verdict.pieces import fulfilment_status
from processors.orders.verdict.sums import has_sums
from processors.orders.verdict.text import NOT_KNOWN, counted, to_the_second, together, told
from schemas.order_state import OrderDetails, OrderState

_UNKNOWN = "unknown"


def head(state: OrderState) -> Table:
    """A table of the order's names, statuses and times."""
    rows = pairs()
    for name, text in _rows(state):
        rows.add_row(name, text)
    return rows


def _rows(state: OrderState) -> Iterator[tuple[str, str]]:
    order = state.order
    yield "order", state.order_id
    yield "external id", told(order.external_id)
    yield "placed", to_the_second(order.placed_at or order.created_at)
    yield "channel", together([order.channel, order.channel_type]) or NOT_KNOWN
    if order.is_exchange or order.exchanges:
        yield "exchange for", _exchanged(order)
    if order.is_historical:
        yield "history", "imported"
    yield "customer", _customer(order)
    yield "status", state.status
    yield "fulfillment", fulfilment_status(state)
    yield "payment", state.payment_status if has_sums(state) else _UNKNOWN
    yield "return", state.return_status
    if state.invoices:
        yield "invoices", together(state.invoices)
    yield "received", f"{to_the_second(state.first_received_at)} to {to_the_second(state.last_received_at)}"
    yield "events", counted(state.version, "fact")


def _exchanged(order: OrderDetails) -> str:
    exchanges = order.exchanges or []
    texts = (f"order {told(each.order_id)}, return {told(each.return_id)}" for each in exchanges)
    return together(texts) or _UNKNOWN


def _customer(order: OrderDetails) -> str:
    customer = order.customer
    if customer is None or not any(value for _, value in customer):
        return NOT_KNOWN
    return "known; -o json has it"
