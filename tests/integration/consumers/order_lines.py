"""Made-up order lines, written as the worker does, for the warehouse examples."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from commands.schema.publish import examples
from tests.integration.consumers.programs import Program
from tests.integration.consumers.transactions import Row, Transaction, Transactions
from tests.programs.checker.record import Record

WAREHOUSE = Path(__file__).parents[3] / "examples/warehouse"
LINE = examples.order_line().value
Start = Callable[[str, list[str]], Program]
"""Starts a program as a consumer group of that name."""


def planned() -> Iterator[Transaction]:
    """Each transaction writes or deletes every line; after its deletion a line begins anew at version 1. Every third
    one is aborted, even with a deletion in it: a slow reader, too, gets no deletion that compaction has dropped."""
    for turn in range(1, 1000):
        rows = []
        for number in range(20):
            key = {"order_id": f"order-{number // 4} 'ü", "line_id": f"line-{number}"}
            product = {"product_id": f"product-{number}", "quantity": number, "returned_quantity": 0}
            version = (turn + number) % 7
            value = {**LINE, **key, **product, "version": version, "list_price": f"{number}.{turn}"}
            rows.append(Row(_compact(key), None if version == 0 else _compact(value).encode()))
        yield Transaction(rows, commits=turn % 3 != 0)


def moving() -> tuple[Transaction, Transaction]:
    """Two lines, and how `bridge topics migrate` moves them to other partitions, one in each direction. A reader takes
    one partition after the other, so of one line it reads the deletion from the old partition last."""
    keys = [_compact({"order_id": "moved", "line_id": f"from-{old}"}) for old in (0, 1)]
    before = [Row(key, _line(key, "1.5"), partition=old) for old, key in enumerate(keys)]
    gone = [Row(key, None, partition=old) for old, key in enumerate(keys)]
    after = [Row(key, _line(key, "2.5"), partition=1 - old) for old, key in enumerate(keys)]
    return Transaction(before, commits=True), Transaction([*gone, *after], commits=True)


def _line(key: str, price: str) -> bytes:
    return _compact({**LINE, **json.loads(key), "list_price": price}).encode()


def _compact(value: Mapping[str, object]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def live(lines: Transactions) -> list[Record]:
    """What is left of the committed records. A deletion takes only what is in its own partition."""
    last = {(record.key, record.partition): record for record in lines.committed}
    return [record for record in last.values() if record.value is not None]


def latest(lines: Transactions) -> dict[bytes, bytes]:
    """The same by key."""
    return {record.key or b"": record.value or b"" for record in live(lines)}


def changed(text: str, places: Mapping[str, str]) -> str:
    """An example's text with other places than those of its README."""
    for old, new in places.items():
        assert text.count(old) > 0, old
        text = text.replace(old, new)
    return text
