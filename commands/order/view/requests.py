"""The fulfilment requests: each attempt to fulfil items at one location."""

from collections import Counter
from collections.abc import Iterator

from rich.table import Table

from commands.terminal.tables import table
from processors.orders.verdict.text import counted, together
from schemas.order_state import FulfillmentRequest, OrderState


def requests(state: OrderState) -> Table | None:
    """A row for each request; None: there are none."""
    if not state.fulfillment_requests:
        return None
    title = f"Fulfilment: {counted(len(state.fulfillment_requests), 'request')}"
    rows = table("status", "items", "request", title=title)
    for request_id, request in state.fulfillment_requests.items():
        rows.add_row(request.status, _items(request), together(_description(request_id, request)))
    return rows


def _items(request: FulfillmentRequest) -> str:
    counts = Counter(item.status for item in request.items.values())
    return ", ".join(f"{count:,} {status}" for status, count in counts.items()) or "unknown"


def _description(request_id: str, request: FulfillmentRequest) -> Iterator[str | None]:
    location = request.fulfillment_location_id
    yield f"at {location}" if location else "unknown location"
    yield request.service_level
    yield request_id
