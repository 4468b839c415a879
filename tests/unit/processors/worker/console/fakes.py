"""Queries that answer from memory, as `processors.worker.queries` does from its tables."""

from collections.abc import Iterable, Mapping

from processors.worker.queries.answer import Answer, Progress, found, problem
from processors.worker.queries.caller import Caller
from tests.unit.processors.orders.facts import Json
from tests.unit.processors.worker.console.told import Told

PROGRESS = Progress({"0": 100}, {"0": 90})
_SUMMARY = ("order_id", "status", "fulfillment_status", "payment_status", "return_status", "provisional", "incomplete")


class FakeQueries:
    """`lists` by `(by, value)`; `away` makes every answer a 503."""

    def __init__(
        self,
        orders: Iterable[Told] = (),
        lists: Mapping[tuple[str, str], Iterable[Told]] | None = None,
        blind: Iterable[Json] = (),
    ) -> None:
        self.orders = {each.order_id: each for each in orders}
        self._lists = {key: [_summary(each) for each in told] for key, told in (lists or {}).items()}
        self._blind = list(blind)
        self.away = False
        self.asked: list[tuple[str, ...]] = []

    async def order(self, order_id: str, caller: Caller) -> Answer:
        self.asked.append(("order", caller.name, order_id))
        told = self.orders.get(order_id)
        return self._away or (problem(404, "Unknown order") if told is None else found(told.document, PROGRESS))

    async def timeline(self, order_id: str, caller: Caller, *, after: str | None = None, limit: int = 500) -> Answer:
        self.asked.append(("timeline", caller.name, order_id))
        if after is not None and not after.isdigit():
            return problem(400, "Bad Request", "`after` is no cursor of this list")
        entries, start = self.orders[order_id].entries, int(after or 0)
        end = start + limit
        next_page = str(end) if end < len(entries) else None
        body = {"entries": entries[start:end], "before": start, "count": len(entries), "next": next_page}
        return self._away or found({"order_id": order_id, "order": "happened", **body}, PROGRESS)

    async def event(self, order_id: str, source: str, caller: Caller) -> Answer:
        self.asked.append(("event", caller.name, order_id, source))
        body = self.orders[order_id].bodies.get(source)
        if body is None:
            return problem(404, "Unknown event")
        said = {"order_id": order_id, "source": source, "masked": True, "body": body}
        return self._away or found({**said, "text": None}, PROGRESS)

    async def search(self, by: str, value: str, caller: Caller, *, after: str | None = None, limit: int = 50) -> Answer:
        self.asked.append(("search", caller.name, by, value))
        orders = self._lists.get((by, value), [])
        if by == "q":
            orders = [
                _summary(each)
                for each in self.orders.values()
                if value in {each.order_id, each.document["order"].get("external_id")}
            ]
        start = int(after or 0)
        next_page = str(start + limit) if start + limit <= len(orders) else None  # the last page may be empty
        return self._away or found({"orders": orders[start : start + limit], "next": next_page}, PROGRESS)

    async def blind_returns(
        self, caller: Caller, *, by: str = "", value: str = "", after: str | None = None, limit: int = 50
    ) -> Answer:
        self.asked.append(("blind_returns", caller.name))
        start, name = int(after or 0), "external_order_id" if by == "external_id" else by
        lines = [each for each in self._blind if not by or each[name] == value]
        next_page = str(start + limit) if start + limit < len(lines) else None
        return self._away or found({"blind_returns": lines[start : start + limit], "next": next_page}, PROGRESS)

    async def acknowledge(self, order_id: str, name: str, reason: str, caller: Caller) -> Answer:
        self.asked.append(("acknowledge", caller.name, order_id, name, reason))
        document = self.orders[order_id].document
        if name not in [*document["missing"], *document["stalled"]]:
            return problem(404, "Unknown gap", "the order has no gap of that name")
        done = {"name": name, "reason": reason, "at": "2026-01-02T00:00:00.000Z"}
        left = {"missing": [each for each in document["missing"] if each != name], "acknowledged": [done]}
        self.orders[order_id] = self.orders[order_id].but(**left)
        return self._away or found(left, PROGRESS)

    @property
    def _away(self) -> Answer | None:
        return problem(503, "Partitions are being recovered", "partition 3 has no owner") if self.away else None


def _summary(told: Told) -> Json:
    order = told.document["order"]
    said: Json = {name: told.document[name] for name in _SUMMARY}
    names = ("external_id", "placed_at", "currency", "grand_total", "current_total")
    fields = {name: order.get(name) for name in names}
    since = told.document["last_received_at"]
    return said | fields | {"since": since, "stalled": [], "attention": [], "last_received_at": since}
