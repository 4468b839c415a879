"""A list of orders as CSV, for spreadsheets."""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any, Final

COLUMNS: Final = (
    "order_id",
    "external_id",
    "since",
    "placed_at",
    "last_received_at",
    "status",
    "fulfillment_status",
    "payment_status",
    "return_status",
    "currency",
    "grand_total",
    "captured",
    "refunded",
    "balance",
    "refund_outstanding",
    "provisional",
    "incomplete",
    "stalled",
    "attention",
    "current_total",
)
MOST_ROWS: Final = 10_000
_TEXTS: Final = frozenset({"order_id", "external_id", "currency", "stalled", "attention"})
"""Columns whose text comes from events, so anything may be in it."""
_BEGINS: Final = "=+@\uff1d\uff0b\uff0d\uff20-"
_FORMULA: Final = re.compile(f'^(?=[\t\r\n{_BEGINS}])|(?<=[;\t\r\n])(?="*[{_BEGINS}])')
"""Where a formula may begin: at the start of a text, and behind a character that ends a cell in some countries'
spreadsheets. These ignore quotes in the middle of a cell, but remove those at its start. Some also take full-width
characters for the same."""


def as_csv(orders: Iterable[Mapping[str, Any]], *, is_first: bool = True) -> str:
    """Return a page of orders of `GET /orders` as lines of RFC 4180; the first page begins with the column names.
    Unknown values are empty. Where a spreadsheet would compute a text, or a part that it takes for a cell, an
    apostrophe stands in front, which spreadsheets do not show."""
    out = StringIO()
    writer = csv.writer(out)
    if is_first:
        writer.writerow(COLUMNS)
    for order in orders:
        told = {**order, "attention": [f"{each['kind']}: {each['subject']}" for each in order["attention"]]}
        writer.writerow([_cell(name, told.get(name)) for name in COLUMNS])
    return out.getvalue()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return _FORMULA.sub("'", text) if name in _TEXTS else text
