"""What the bridge makes of events that are expected in orders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from processors.orders.apply import Applied, apply, mark_late
from processors.orders.fact import Fact, fact_of
from processors.orders.order_rules import OrderRules
from tests.programs.checker.expected import Expected
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDER_STATE, ORDERS, RAW
from tests.programs.checker.record import Record
from tests.unit.processors.orders.facts import EVERYTHING, cleaned

PARTITIONS = 4


def facts_of(outputs: Iterable[Expected]) -> dict[bytes, list[Fact]]:
    """The facts of each order, by its key, in the order in which they were read."""
    facts: dict[bytes, list[Fact]] = defaultdict(list)
    for output in outputs:
        if output.dataset != ORDERS or output.meaning is None or output.meaning.order is None:
            continue
        raw = output.source
        fact = fact_of(*cleaned(raw.value or b"", received_at_ms=raw.timestamp, source=str(raw.source)))
        assert fact is not None
        facts[output.key or b""].append(fact)
    return facts


def fold(facts: Mapping[bytes, Sequence[Fact]], rules: OrderRules = EVERYTHING) -> dict[bytes, Applied]:
    """Each order after all its facts. They come in two halves, so that a row is read and joined to."""
    return {key: _in_halves(of, rules) for key, of in facts.items()}


def _in_halves(facts: Sequence[Fact], rules: OrderRules) -> Applied:
    half = (len(facts) + 1) // 2
    first = apply(None, facts[:half], rules)
    return apply(first.row, facts[half:], rules) if facts[half:] else first


def overdue(folded: Mapping[bytes, Applied], rules: OrderRules = EVERYTHING) -> dict[bytes, Applied]:
    """The same orders after they have waited too long for whatever they wait for."""
    return {key: mark_late(applied.row, 1 << 60, rules) for key, applied in folded.items()}


def states(folded: Mapping[bytes, Applied]) -> list[Record]:
    """The orders' last states, as the topic has them."""
    return [Record(ORDER_STATE, partition_of(key, PARTITIONS), 0, key, of.state) for key, of in folded.items()]


def stored(bodies: Iterable[bytes]) -> list[Record]:
    """The bodies as raw has them, a second apart."""
    return [Record(RAW, 0, offset, b"name", body, timestamp=1000 * offset + 7) for offset, body in enumerate(bodies)]
