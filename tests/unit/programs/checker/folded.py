"""What the bridge makes of events that are expected to be in orders."""

from collections.abc import Iterable

from processors.orders.apply import apply, mark_late
from processors.orders.fact import fact_of
from processors.orders.order_rules import OrderRules
from tests.programs.checker.expected import Expected
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDER_STATE, ORDERS, RAW
from tests.programs.checker.record import Record
from tests.unit.processors.orders.facts import EVERYTHING, cleaned

PARTITIONS = 4


def states(outputs: Iterable[Expected], *, overdue: bool = False, rules: OrderRules = EVERYTHING) -> list[Record]:
    """The last state of each of their orders, the events read one by one; ``overdue``: once they have waited for
    whatever they wait for too long."""
    rows: dict[bytes, bytes] = {}
    last: dict[bytes, bytes] = {}
    for output in outputs:
        if output.dataset != ORDERS or output.meaning is None or output.meaning.order is None:
            continue
        raw = output.source
        body, headers = cleaned(raw.value or b"", received_at_ms=raw.timestamp, source=str(raw.source))
        fact, key = fact_of(body, headers), output.key or b""
        assert fact is not None
        applied = apply(rows.get(key), [fact], rules)
        rows[key], last[key] = applied.row, applied.state
    if overdue:
        last = {key: mark_late(row, 1 << 60, rules).state for key, row in rows.items()}
    return [Record(ORDER_STATE, partition_of(key, PARTITIONS), 0, key, state) for key, state in last.items()]


def stored(bodies: Iterable[bytes]) -> list[Record]:
    """As the raw topic has them, a second between one and the next."""
    return [Record(RAW, 0, offset, b"name", body, timestamp=1000 * offset + 7) for offset, body in enumerate(bodies)]
