"""Folding again what could not be folded by an earlier process."""

from functools import partial
from typing import Final

from bridge.log import get_logger
from processors.engine.unit import Unit
from processors.orders.apply import FoldRules, apply
from processors.orders.fact import fact_of
from processors.orders.table import TABLE, UNPROCESSED, OrderWriter
from processors.orders.unprocessed import unpack

log = get_logger(__name__)

AT_ONCE: Final = 50
"""So many kept records are tried beside one chunk."""


class SecondTry:
    """Goes once through the kept records of each partition, a few beside each chunk."""

    def __init__(self, rules: FoldRules) -> None:
        self._rules = rules
        self._tried: dict[int, bytes | None] = {}
        """By partition: the key of the last one tried; None when all were."""

    def make(self, unit: Unit, orders: OrderWriter) -> None:
        """Fold the next of the partition's kept records; those that work out are forgotten."""
        after = self._tried.get(unit.partition, b"")
        if after is None:
            return
        kept = unit.scan(TABLE, UNPROCESSED, after, AT_ONCE)
        for key, row in kept:
            self._fold(unit, orders, key, row)
        last = kept[-1][0] if len(kept) == AT_ONCE else None
        unit.on_commit(partial(self._tried.__setitem__, unit.partition, last))

    def _fold(self, unit: Unit, orders: OrderWriter, key: bytes, row: bytes) -> None:
        now = unit.records[-1].timestamp
        try:
            fact = fact_of(*unpack(row))
            applied = fact and apply(orders.row(fact.order_id), [fact], self._rules)
        except Exception:  # as the first time; it stays where it is
            log.exception("an event still cannot be folded", row=key)
            return
        if fact and applied and orders.holds(applied):
            orders.write(fact.order_id, applied, now)
            unit.put(TABLE, key, None, now)
            log.info("an event that could not be folded now is", order_id=fact.order_id, key=fact.key)
