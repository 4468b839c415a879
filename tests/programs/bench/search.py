"""How long a worker takes to find orders among many: `python -m tests.programs.bench.search [orders]`.

Its tables are filled with rows as the handler of orders writes them, of a few kinds of orders. They are asked without
HTTP.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from bridge.kafka.partitioner import partition_for
from deploy.local.service import WORKPLACE
from processors.engine.store import TablePartition
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.worker.queries.local import Local
from processors.worker.queries.owners import Here, TableReader
from processors.worker.queries.questions import ORDERS, Question
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

PARTITIONS: Final = 8
_NUMBER: Final = b"0000000"
"""Stands for the order's number in all ids of a template."""
_AT_ONCE: Final = 2_000
_ASKED: Final = 100
_ITEMS: Final = [{"id": f"item-0000000-{line}", "product_id": f"p{line}", "quantity": 1} for line in range(3)]

Rows = list[tuple[bytes, bytes | None]]


def main() -> int:
    """Fill the tables, ask, and print a line for each question."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.search", description=__doc__)
    parser.add_argument("orders", nargs="?", type=int, default=1_000_000)
    count = parser.parse_args().orders
    WORKPLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="search-", dir=WORKPLACE) as directory:
        tables = [TablePartition(Path(directory) / str(number)) for number in range(PARTITIONS)]
        started = time.monotonic()
        fill(tables, count)
        print(f"{count:,} orders in {time.monotonic() - started:.0f} s", flush=True)
        asyncio.run(_ask(tables, count))
        for table in tables:
            table.close()
    return 0


def fill(tables: Sequence[TablePartition], count: int) -> None:
    """Write the rows of so many orders, of a few kinds. Their ids have their numbers."""
    chances, kinds = Random(1), list(_templates())
    waiting: list[Rows] = [[] for _ in tables]
    for number in range(count):
        [template] = chances.choices([rows for _, rows in kinds], [weight for weight, _ in kinds])
        own = b"%07d" % number
        partition = partition_for(b"order-" + own, PARTITIONS)
        waiting[partition] += [(key.replace(_NUMBER, own), row and row.replace(_NUMBER, own)) for key, row in template]
        if len(waiting[partition]) > _AT_ONCE:
            tables[partition].apply(waiting[partition], number)
            waiting[partition] = []
    for table, rows in zip(tables, waiting, strict=True):
        table.apply(rows, count)


def _templates() -> Iterator[tuple[int, Rows]]:
    """Kinds of orders: how many of a thousand, and the rows of one."""
    order = "order-0000000"
    said = {"id": order, "external_id": "E0000000", "items": _ITEMS, "currency": "EUR", "grand_total": 58.5}
    paid = [{"id": "transaction-0000000", "amount": 58.5, "currency": "EUR"}]
    begun: list[tuple[str, dict[str, Any]]] = [
        ("order.created", said),
        ("payment_account.amount_authorized", {"id": order, "transactions": paid}),
        ("order.opened", said),
    ]
    parcel = [{**each, "tracking_code": "1Z0000000", "carrier": "UPS"} for each in _ITEMS]
    sent: list[tuple[str, dict[str, Any]]] = [
        ("fulfillment_request.assigned", {"id": "request-0000000", "order_id": order, "items": _ITEMS}),
        ("fulfillment_request.items_completed", {"id": "request-0000000", "order_id": order, "items": parcel}),
        ("payment_account.amount_captured", {"id": order, "transactions": paid}),
        ("invoice.created", {"id": "invoice-0000000", "order_id": order}),
        ("order.completed", {"id": order, "items": [{**each, "status": "complete"} for each in _ITEMS]}),
    ]
    back = {"id": "return-0000000", "order_id": order, "items": _ITEMS[:1]}
    yield 800, _rows(*begun, *sent)
    yield 100, _rows(*begun, *sent, ("return.processed", back))
    yield 50, _rows(*begun, ("order.cancelled", {"id": order, "items": _ITEMS}))
    yield 40, _rows(*begun, sent[0])
    yield 9, _rows(*begun, ("order.items_on_hold", {"id": order, "items": _ITEMS}))
    yield 1, _rows(*begun, *sent, ("payment_account.amount_captured", {"id": order, "transactions": [{"id": "x"}]}))


def _rows(*events: tuple[str, dict[str, Any]]) -> Rows:
    unit = FakeUnit([event_record(n, name, **payload) for n, (name, payload) in enumerate(events)], {})
    Orders(TOPICS, OrderRules()).process(unit)  # type: ignore[arg-type]  # takes the unit's place
    return [(key, row) for key, row in unit.rows.items() if _NUMBER in key]


async def _ask(tables: Sequence[TablePartition], count: int) -> None:
    places = [Here(number, TableReader(f"partition {number}", table), 0) for number, table in enumerate(tables)]
    owners: Any = SimpleNamespace(here=places.__getitem__)
    me, chances = Local(owners, OrderRules()), Random(2)

    def some() -> str:
        return f"{chances.randrange(count):07d}"

    questions: list[tuple[str, Callable[[], str]]] = [
        ("external_id", lambda: f"e{some()}"),
        ("transaction_id", lambda: f"transaction-{some()}"),
        ("tracking_code", lambda: f"1Z{some()}"),
        ("q", lambda: f"return-{some()}"),
        ("status", lambda: "on_hold"),
        ("status", lambda: "open"),
        ("status", lambda: "cancelled"),
        ("status", lambda: "unknown"),
        ("attention", lambda: "true"),
        ("stalled", lambda: "true"),
    ]
    for by, value in questions:
        seconds, found, texts = list[float](), 0, [value() for _ in range(_ASKED)]
        for text in texts:
            started = time.perf_counter()
            told = await me.tell(Question(ORDERS, 50, by=by, values=[text]), range(PARTITIONS))
            seconds.append(time.perf_counter() - started)
            found += len(told.entries)
        seconds.sort()
        said = ", ".join(f"{name} {1000 * seconds[at]:.1f}" for name, at in (("p50", _ASKED // 2), ("p99", _ASKED - 2)))
        print(f"{by}={texts[0]}: {said} ms, {found / _ASKED:.1f} orders a page", flush=True)


if __name__ == "__main__":
    sys.exit(main())
