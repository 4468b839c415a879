"""Joining events again that an earlier owner of the partition could not join."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from bridge.log import get_logger
from processors.engine.cpu_limit import within_cpu_limit
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.memory import Memory
from processors.engine.unit import Unit
from processors.orders.fact import fact_of
from processors.orders.order_rules import OrderRules
from processors.orders.table import MARGIN, TABLE, UNPROCESSED, OrderWriter
from processors.orders.too_large import within
from processors.orders.unjudged import Unjudged
from processors.orders.unprocessed import unpack

log = get_logger(__name__)

AT_ONCE: Final = 50
"""Kept records that are tried beside one chunk."""


@dataclass(slots=True)
class _Tried:
    """`last`: the key of the last record tried; None when all were."""

    last: bytes | None = b""


class SecondTry:
    """Goes through a partition's kept records once it is ours: a few beside each chunk, as far as its unit has room."""

    def __init__(self, rules: OrderRules, unjudged: Unjudged) -> None:
        self._rules, self._unjudged = rules, unjudged
        self._tried = Memory(_Tried)

    def steps(self, unit: Unit, orders: OrderWriter) -> Iterator[None]:
        """Join the partition's next kept records, one by one; forget those that succeed."""
        tried = self._tried.of(unit)
        after = tried.last
        if after is None:
            return
        for _ in range(AT_ONCE):
            if not (found := unit.scan(TABLE, UNPROCESSED, after, 1)):  # one at a time: a record may have megabytes
                after = None
                break
            [(key, row)] = found
            if not self._tries(unit, orders, key, row):
                break
            after = key
            yield
        unit.on_commit(partial(setattr, tried, "last", after))

    def _tries(self, unit: Unit, orders: OrderWriter, key: bytes, row: bytes) -> bool:
        """Join one if that is possible. False: the unit has no room for its order, but a later one has."""
        now = unit.timestamp
        try:
            fact = fact_of(*unpack(row))
            gone = None if fact is None else orders.gone(fact.order_id)
            if fact is not None and gone is not None and not gone.takes(fact.received_at):
                unit.put(TABLE, key, None, now)
                return True
            if fact is None or orders.full(fact.order_id):
                return True
            order = orders.begins_with(fact.order_id, fact.tenant)
            needed = 2 * len(order or b"") + len(row) + MARGIN
            if needed > unit.room and len(unit.records) > 1:  # beside a single record any size goes
                return needed > unit.size.max_bytes  # no unit has room: it must not keep the others waiting
            applied = within_cpu_limit(partial(within, order, [fact], self._rules, orders.most_bytes))
        except NOT_ITS_FAULT:
            raise
        except Exception:  # as the first time; the record stays kept
            log.exception("an event still cannot be joined", row=key)
            return True
        if applied is None:
            orders.fill(fact.order_id, now, listed=False)
            return True
        orders.write(fact.order_id, applied, now)
        self._unjudged.note(unit, fact.order_id)
        unit.put(TABLE, key, None, now)
        log.info("an event that could not be joined now is", order_id=fact.order_id, key=fact.key)
        return True
