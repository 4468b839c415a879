"""A list as CSV, for those who go through it with a spreadsheet."""

import csv
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
"""What data may choose."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the first ones in full width, which some spreadsheets take for them."""


def as_csv(orders: Iterable[Mapping[str, Any]], *, is_first: bool = True) -> str:
    """Return a page of orders, as `GET /orders` has them, as lines of RFC 4180, the first page below their columns.
    What is not known is empty. Texts that a spreadsheet would compute have an apostrophe in front, which it does not
    show."""
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
    return f"'{text}" if name in _TEXTS and text.startswith(_FORMULA) else text
