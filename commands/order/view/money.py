"""Money: what the order costs, and the sums of its payments by currency."""

from collections.abc import Iterator
from typing import Final

from rich.table import Table

from commands.terminal.tables import pairs, table
from processors.orders.verdict.sums import KnownSums
from processors.orders.verdict.text import column
from schemas.order_state import OrderState

_ACTIONS: Final = ("authorized", "captured", "voided", "refunded")


def money(state: OrderState) -> Iterator[Table]:
    """A table for each currency, and one by payment method if there are several."""
    own, known = state.order.currency or "", KnownSums(state)
    for currency, sums in state.payment_sums.items():
        methods = [*sums.by_method]
        by_method = f" by {methods[0]}" if len(methods) == 1 else ""
        amounts = {action: known.of(currency, action) for action in _ACTIONS} | known.derived(currency)
        yield _sums(f"{_title(state, currency)}{by_method}", _costs(state, is_in=currency == own) | amounts)
        if len(methods) > 1:
            yield _methods(_title(state, currency), known, currency, methods)
    if state.order.grand_total is not None and own not in state.payment_sums:
        yield _sums(_title(state, own), _costs(state, is_in=True))


def _sums(title: str, amounts: dict[str, str | None]) -> Table:
    rows = pairs(title=title, numbers=True)
    for name, amount in zip(amounts, column(amounts.values()), strict=True):
        rows.add_row(name, amount)
    return rows


def _costs(state: OrderState, *, is_in: bool) -> dict[str, str | None]:
    """The order's totals; unknown unless `is_in`: they are in the currency asked for."""
    order = state.order
    costs = {"grand total": order.grand_total if is_in else None}
    if is_in and order.current_total not in {None, order.grand_total}:
        costs["without cancelled items"] = order.current_total
    return costs


def _methods(title: str, known: KnownSums, currency: str, methods: list[str]) -> Table:
    rows = table("method", *_ACTIONS, title=f"{title} by method", numbers=_ACTIONS)
    columns = (column(known.of_method(currency, method, action) for method in methods) for action in _ACTIONS)
    for row in zip(methods, *columns, strict=True):
        rows.add_row(*row)
    return rows


def _title(state: OrderState, currency: str) -> str:
    """The title of a table of sums. "so far": events of the order are missing."""
    so_far = " so far" if state.provisional or state.partial_history else ""
    return f"Money{so_far}: {currency or 'unknown currency'}"
