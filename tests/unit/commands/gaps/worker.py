"""A worker on loopback that knows some gaps and takes what is set aside."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from processors.worker.other_deployments import KAFKA_CLUSTER
from tests.unit.processors.orders.facts import fact, items, state_of

AS_OF = "2026-01-10T12:00:00.000Z"
CREATED, OPENED, CAPTURED = "order.created", "order.opened", "payment_account.amount_captured"


def gap(order: str, name: str, since: str, *, to: str | None, guessed: bool = False) -> dict[str, Any]:
    kind = "stalled" if to is None else "missing"
    window = {"from": f"{since[:10]}T00:00:00.000Z", "to": to, "guessed": guessed}
    gap = {"order_id": order, "name": name, "kind": kind, "since": since, "window": window}
    return {**gap, "settled_by_exchange": ["n-1", "n-2"] if name == CAPTURED else None}


GAPS = [
    gap("a", CREATED, "2026-01-07T08:00:00.000Z", to="2026-01-07T09:00:00.000Z", guessed=True),
    gap("b/1", CAPTURED, "2026-01-10T10:58:30.000Z", to=None),
    gap("b/1", "x:7", "2026-01-10T11:58:30.000Z", to="2026-01-10T11:00:00.000Z"),
]
KNOWN: dict[str, Any] = {
    **state_of(fact("order.completed", items=items("A", status="complete"))),
    "order_id": "b/1",
    "incomplete": True,
    "stalled": [CAPTURED],
    "acknowledged": [{"name": OPENED, "reason": "x", "at": AS_OF}],
}


UNKNOWN = {"title": "Unknown order"}
GONE = UNKNOWN | {"detail": "it was erased at 2026-01-01T00:00:00.000Z"}


class Worker:
    """`asked`: queries of lists. `aside`: what was set aside, and why. `meant`: of which Kafka. `status` replaces that
    of every answer, and `done` is the answer to what was set aside."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.aside: list[tuple[str, str, str]] = []
        self.meant = set[str | None]()
        self.status: int | None = None
        self.done: dict[str, Any] = {"acknowledged": []}
        self.gaps, self.state = GAPS, KNOWN
        self.url: str
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/gaps":
                    worker.asked.append(parse_qs(parts.query))
                    self.say(200, worker.page(**{name: each for name, (each,) in parse_qs(parts.query).items()}))
                elif parts.path == "/orders/b%2F1":
                    self.say(200, worker.state)
                else:
                    self.say(404, GONE if parts.path == "/orders/gone" else UNKNOWN)

            def do_POST(self) -> None:
                _, _, order, _, name, _ = (unquote(part) for part in self.path.split("/"))
                reason = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["reason"]
                if len(reason) > 9:
                    return self.say(400, {"detail": "too many words"})
                if name not in worker.state["missing"] + worker.state["stalled"]:
                    return self.say(404, {"title": "No such gap"})
                worker.aside.append((order, name, reason))
                worker.meant.add(self.headers.get(KAFKA_CLUSTER))
                return self.say(200, worker.done)

            def say(self, status: int, document: Any) -> None:
                self.send_response(worker.status or status)
                self.send_header("Retry-After", "7")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

        self.handler = Handler

    def page(self, limit: str, only: str = "", after: str = "0") -> dict[str, Any]:
        """The gaps of `limit` orders. `after`: how many orders came before."""
        orders = list(dict.fromkeys(each["order_id"] for each in self.gaps))
        end = int(after) + int(limit)
        here = orders[int(after) : end]
        kind = {"stalled": "stalled", "incomplete": "missing"}.get(only)
        return {
            "as_of": AS_OF,
            "applied": {},
            "read_to": {},
            "gaps": [each for each in self.gaps if each["order_id"] in here and kind in {None, each["kind"]}],
            "orders": {"incomplete": 1_200, "stalled": 1},
            "window": None,
            "next": str(end) if end < len(orders) else None,
        }
