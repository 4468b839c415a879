"""What the queries behind these consoles know, and the pages that show it."""

from tests.unit.processors.orders.facts import Json
from tests.unit.processors.worker.console.told import busy, held, whole

BUSY, WHOLE, HELD = busy(), whole(), held()
PAGES = [
    "/console/",
    f"/console/orders/{BUSY.order_id}",
    f"/console/orders/{BUSY.order_id}/events/{BUSY.entries[0]['source']}",
    "/console/lists/incomplete",
    "/console/lists/blind-returns",
    "/console/search?q=nothing",
]


def blind_return(return_id: str | None, external: str | None) -> Json:
    since = "2026-01-01T00:00:00.000Z"
    return {"kind": "return", "since": since, "order_id": None, "return_id": return_id, "external_order_id": external}
