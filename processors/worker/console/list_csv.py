"""A list as CSV, for those who go through it with a spreadsheet."""

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
"""What data may choose."""
_BEGINS: Final = "=+@\uff1d\uff0b\uff0d\uff20-"
_FORMULA: Final = re.compile(f'^(?=[\t\r\n{_BEGINS}])|(?<=[;\t\r\n])(?="*[{_BEGINS}])')
"""Where one begins: with a text, and behind what ends a cell in other countries' spreadsheets, which do not take quotes
in the midst of a cell for such, but take off those with which one begins. In full width, too, which some take for the
same."""


def as_csv(orders: Iterable[Mapping[str, Any]], *, is_first: bool = True) -> str:
    """Return a page of orders, as `GET /orders` has them, as lines of RFC 4180, the first page below their columns.
    What is not known is empty. Where a spreadsheet would compute a text, or a part that it takes for a cell, an
    apostrophe stands in front, which it does not show there."""
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
