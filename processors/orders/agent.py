"""The orders handler: cleaned records of the orders topic in, one state per order out."""

from typing import Final

from bridge.log import get_logger
from processors.engine.unit import Unit
from processors.orders.apply import FoldRules, apply, set_aside
from processors.orders.fact import Fact, fact_of
from processors.orders.second_try import SecondTry
from processors.orders.table import TABLE, UNPROCESSED, OrderWriter
from processors.orders.unprocessed import SOURCE, pack, unprocessed
from processors.quarantine import described, put_aside
from schemas.topics import Topics

log = get_logger(__name__)

_STAGE: Final = "orders"


class Orders:
    """The handler of cleaned records: folds them into their orders' states.

    An event that cannot be folded goes into quarantine and is listed in its order's state. Its record is kept, to be
    tried again by the next process that owns the partition: what failed on it was the code.
    """

    def __init__(self, topics: Topics, rules: FoldRules) -> None:
        self._topics, self._rules = topics, rules
        self._second_try = SecondTry(rules)

    def process(self, unit: Unit) -> None:
        """Fold every record of ``unit`` and write what changed."""
        facts: dict[str, list[Fact]] = {}
        received: dict[str, int] = {}
        for record in unit.records:
            fact = fact_of(record.value, dict(record.headers))
            if fact is not None:
                facts.setdefault(fact.order_id, []).append(fact)
                received[fact.order_id] = record.timestamp
        orders = OrderWriter(unit, self._topics)
        for order_id, new in facts.items():  # one row at a time: those of a whole chunk may be hundreds of megabytes
            orders.write(order_id, apply(orders.row(order_id), new, self._rules), received[order_id])
        self._second_try.make(unit, orders)
        orders.close()

    def refuse(self, unit: Unit, error: Exception) -> None:
        """Put a record into quarantine, list its event with its order, and keep it to be tried again."""
        put_aside(unit, self._topics, _STAGE, error)
        record = unit.records[0]
        headers = dict(record.headers)
        event = unprocessed(record.value or b"", headers, described(error))
        if event is None:
            return
        kept, orders = pack(record.value, headers), OrderWriter(unit, self._topics)
        if unit.holds(kept):
            unit.put(TABLE, UNPROCESSED + event.entry[SOURCE].encode(), kept, record.timestamp)
        row = orders.row(event.order_id)
        try:
            applied = set_aside(row, event, self._rules)
        except Exception:  # its row is what the code fails on; the next version reads the kept record
            log.exception("an event cannot be listed with its order", order_id=event.order_id)
            return
        if orders.holds(applied):
            orders.write(event.order_id, applied, record.timestamp)
        orders.close()
