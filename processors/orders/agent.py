"""The orders handler: cleaned records of the orders topic in, one state per order out."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from bridge.log import get_logger
from processors.engine.changes import Changes
from processors.engine.cpu_limit import within_cpu_limit
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.unit import Unit
from processors.orders.apply import OrderRules, list_unprocessed
from processors.orders.beginning import Remembered
from processors.orders.blind import blind_return_of
from processors.orders.fact import Fact, ForeignRecordError, fact_of
from processors.orders.gone import gone_key
from processors.orders.older_rows import NewerRowError, is_newer, require_known
from processors.orders.rounds import Rounds
from processors.orders.second_try import SecondTry
from processors.orders.sweep import CaughtUp, Sweep
from processors.orders.table import OrderWriter
from processors.orders.too_large import OrderTooLargeError, fitting
from processors.orders.unjudged import Unjudged
from processors.orders.unprocessed import RECEIVED, unprocessed
from processors.orders.upgrade import RawEvents, Upgrade
from processors.orders.waiting import Unfinished, Waiting, WaitingRoom, takes
from processors.quarantine import described, put_aside
from schemas.envelope import InvalidEnvelope
from schemas.outcome import Reason
from schemas.topics import Topics

log = get_logger(__name__)

_STAGE: Final = "orders"


class Orders:
    """The handler of cleaned records: joins them into their orders' states.

    An event that cannot be joined goes into quarantine and is listed in its order's state. Its record is kept, for the
    next process that owns the partition to try again: the code failed on it, or the order was too large.

    Without `caught_up` no order becomes incomplete or stalled, since what it waits for may only be late, and none is
    forgotten. Without `raw` rows of older versions stay as they are. `remembered` keeps since when the bridge listens,
    if `rules` judge by that. `changes` are those asked for from outside. `clock` gives the time in milliseconds;
    without it no event of a large order waits to be joined together with others.
    """

    def __init__(
        self,
        topics: Topics,
        rules: OrderRules,
        caught_up: CaughtUp | None = None,
        raw: RawEvents | None = None,
        remembered: Remembered | None = None,
        changes: Changes | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._topics, self._rules = topics, rules
        self._sweep = None if caught_up is None else Sweep(topics, rules, caught_up)
        self._remembered, self._changes, self._clock = remembered, changes, clock
        self._unjudged = Unjudged(topics, rules)
        self._second_try = SecondTry(rules, self._unjudged)
        self._joined: set[int] = set()
        """Partitions whose last tick joined waiting events."""
        self._looked_at: dict[int, bytes] = {}
        """By partition: the key behind which the next tick looks for orders with waiting events."""
        self._unfinished = Unfinished()
        self._upgrade = None if raw is None else Upgrade(topics, rules, raw)
        self._rounds = None if caught_up is None or not rules.retention_ms else Rounds(topics, rules, caught_up)

    def process(self, unit: Unit) -> None:
        """Join every record of ``unit`` and write what changed."""
        for _ in self.steps(unit):
            pass

    def steps(self, unit: Unit) -> Iterator[None]:
        """As `process`, but yields after each record and each order."""
        if self._remembered is not None:
            self._remembered.recall(unit)
        facts: dict[str, list[Fact]] = {}
        records: dict[str, list[Any]] = {}
        orders = OrderWriter(unit, self._topics)
        for record in unit.records:
            fact = self._fact(unit, record)
            if fact is not None:
                orders.reach(fact.source)
                facts.setdefault(fact.order_id, []).append(fact)
                records.setdefault(fact.order_id, []).append(record)
            elif (blind := blind_return_of(record)) is not None:
                orders.write_blind(blind, record.timestamp)
            yield
        room = None if self._clock is None else orders.waiting(self._clock())
        pending = set() if room is None else room.pending(facts)
        for order_id in list(facts):  # one row at a time: the rows of a whole chunk may be hundreds of megabytes
            new, those = facts.pop(order_id), records.pop(order_id)
            if room is not None and order_id in pending and room.holds(those):
                room.add(order_id, those)
            else:
                self._add(unit, orders, new, those, room)
            yield
        yield from self._second_try.steps(unit, orders)
        orders.close()

    def tick(self, unit: Unit, now_ms: int) -> bool:
        """Do work that no record causes, in this order, until a part of it has more to do at once: changes asked for
        from outside, waiting events of large orders, orders not judged yet, orders that have waited too long, rows of
        older versions, orders past retention. Return whether there is more to do at once.

        At most every other tick joins waiting events, so that large orders that always have new ones hold up nothing
        else. If joining or the rest raises, the next tick tries the same again: else the other one would succeed in
        between, and `/readyz` would tell nobody of the failure.
        """
        if self._remembered is not None:  # so that even right after a start all is judged by the same rules
            self._remembered.recall(unit)
        if self._changes is not None and self._changes.make(unit):
            return True
        has_joined = unit.partition in self._joined
        if self._clock is not None and not has_joined and self._join_waiting(unit, self._clock()):
            self._joined.add(unit.partition)
            return True
        more = self._look(unit, now_ms)
        self._joined.discard(unit.partition)
        return more or has_joined

    def _look(self, unit: Unit, now_ms: int) -> bool:
        can_judge = self._remembered is None or self._remembered.keep(unit)
        if self._unjudged.go_on(unit, now_ms):
            return True
        if self._sweep is not None and can_judge and self._sweep.go_on(unit, now_ms):
            return True
        if self._upgrade is not None and can_judge and self._upgrade.go_on(unit):
            return True
        return self._rounds is not None and can_judge and self._rounds.go_on(unit, now_ms)

    def refuse(self, unit: Unit, error: Exception) -> None:
        """Put a record into quarantine, list its event with its order, and keep it to be tried again. NewerRowError:
        `error` is one: a later version wrote the order's row. The record is not at fault, and the lane halts."""
        if isinstance(error, NewerRowError):
            raise error
        orders = OrderWriter(unit, self._topics)
        self._refuse(unit, orders, unit.records[0], error)
        orders.close()

    def _refuse(self, unit: Unit, orders: OrderWriter, record: Any, error: Exception) -> None:
        put_aside(unit, record, self._topics, _STAGE, error)
        event = unprocessed(record.value or b"", dict(record.headers), described(error))
        if event is None:
            return
        row, applied = orders.begins_with(event.order_id, event.tenant), None
        try:
            known = orders.known(event.order_id)
            if known is not None and not known.takes(event.entry[RECEIVED]):
                return
            applied, _ = within_cpu_limit(partial(list_unprocessed, row, [event], self._rules))
        except NOT_ITS_FAULT:
            raise
        except Exception:  # the code fails on the order's row; the next version tries the kept record
            log.exception("an event cannot be listed with its order", order_id=event.order_id)
        orders.keep(event, record)
        if applied is not None and orders.holds(applied):
            orders.write(event.order_id, applied, record.timestamp)

    def _fact(self, unit: Unit, record: Any) -> Fact | None:
        """Return the fact in a record. None: the event belongs to no order, or its record was put aside as the data's
        fault: accepted before there was a bound on structure, or not written by the bridge."""
        try:
            return fact_of(record.value, dict(record.headers))
        except (InvalidEnvelope, ForeignRecordError) as error:
            if isinstance(error, InvalidEnvelope) and error.reason is not Reason.TOO_MUCH_STRUCTURE:
                raise
            put_aside(unit, record, self._topics, _STAGE, error)
            unit.aside += 1
            return None

    def _join_waiting(self, unit: Unit, now_ms: int) -> bool:
        """Join the waiting events of orders whose time has come; return whether there is more to do at once."""
        orders = OrderWriter(unit, self._topics)

        def can(order_id: str) -> bool:
            """False: joining did not come to an end before, or a later version wrote the row and has to join."""
            return order_id not in self._unfinished and ((row := orders.row(order_id)) is None or not is_newer(row))

        def join(order_id: str, records: Sequence[Waiting]) -> None:
            with self._unfinished.unless_it_ends(order_id):
                self._join(unit, orders, order_id, records)

        after = self._looked_at.get(unit.partition, b"")
        is_joined, behind = orders.waiting(now_ms).join_next(join, can, after)
        self._looked_at[unit.partition] = behind
        orders.close()
        return is_joined

    def _join(self, unit: Unit, orders: OrderWriter, order_id: str, records: Sequence[Waiting]) -> None:
        """Join events into an order; refuse only those on which the code fails."""
        facts, joined = list[Fact](), list[Waiting]()
        for record in records:
            try:
                fact = fact_of(record.value, dict(record.headers))
            except NOT_ITS_FAULT:
                raise
            except Exception as error:
                log.exception("an event cannot be read any more", order_id=order_id, offset=record.offset)
                self._refuse_waiting(unit, orders, record, error)
            else:
                if fact is not None:
                    facts.append(fact)
                    joined.append(record)
        if facts:
            self._join_part(unit, orders, facts, joined)

    def _join_part(self, unit: Unit, orders: OrderWriter, facts: Sequence[Fact], records: Sequence[Waiting]) -> None:
        try:
            self._add(unit, orders, facts, records)  # if this fails, it fails before it writes anything
        except (*NOT_ITS_FAULT, NewerRowError):
            raise
        except Exception as error:
            if len(facts) > 1:
                middle = len(facts) // 2
                self._join_part(unit, orders, facts[:middle], records[:middle])
                self._join_part(unit, orders, facts[middle:], records[middle:])
            else:
                log.exception("an event cannot be joined", order_id=facts[0].order_id, offset=records[0].offset)
                self._refuse_waiting(unit, orders, records[0], error)

    def _refuse_waiting(self, unit: Unit, orders: OrderWriter, record: Waiting, error: Exception) -> None:
        self._refuse(unit, orders, record, error)
        unit.aside += 1

    def _add(
        self,
        unit: Unit,
        orders: OrderWriter,
        facts: Sequence[Fact],
        records: Sequence[Any],
        room: WaitingRoom | None = None,
    ) -> None:
        """Add new facts of one order to its row: from the first on, as many as it can take; the others are put aside.
        If there is a `room`, facts of a large order wait there instead."""
        order_id = facts[0].order_id
        if not (full := orders.full(order_id)):
            row = orders.row(order_id)
            if row is None:
                row, facts, records = self._begin(orders, facts, records)
                if not facts:
                    return
            if room is not None and row is not None and takes(row, records):
                require_known(row)
                room.add(order_id, records, row)
                return
            taken, applied = fitting(row, facts, self._rules, orders.most_bytes)
            if applied is not None:
                orders.write(order_id, applied, records[-1].timestamp)
                self._unjudged.note(unit, order_id)
            facts, records = facts[taken:], records[taken:]
        is_listed = full is not None and full.listed  # then do not read its row of megabytes again
        if facts and not is_listed and (known := orders.known(order_id)) is not None:
            records = [record for fact, record in zip(facts, records, strict=True) if known.takes(fact.received_at)]
        if not records:
            return
        error = OrderTooLargeError(orders.most_bytes)
        for record in records:
            put_aside(unit, record, self._topics, _STAGE, error)
        unit.aside += len(records)
        if not is_listed:
            self._list(orders, order_id, records, error)

    @staticmethod
    def _begin(
        orders: OrderWriter, facts: Sequence[Fact], records: Sequence[Any]
    ) -> tuple[bytes | None, Sequence[Fact], Sequence[Any]]:
        """Return the row with which an order without one begins, and the events that count: none from before the order
        was forgotten, and none at all of an erased order."""
        order_id = facts[0].order_id
        if (gone := orders.gone(order_id)) is None:
            return None, facts, records
        taken = [(fact, record) for fact, record in zip(facts, records, strict=True) if gone.takes(fact.received_at)]
        if len(taken) < len(facts):
            log.info("events of an order that is gone change nothing", row=gone_key(order_id), events=len(facts))
        return (
            gone.begun_anew(order_id, facts[0].tenant),
            [fact for fact, _ in taken],
            [record for _, record in taken],
        )

    def _list(self, orders: OrderWriter, order_id: str, records: Sequence[Any], error: OrderTooLargeError) -> None:
        """List events of a full order, as far as it has room, and keep the records of those that are listed."""
        found = [(unprocessed(each.value, dict(each.headers), described(error)), each) for each in records]
        events = {event.source: (event, record) for event, record in found if event is not None}
        refused = [event for event, _ in events.values()]
        applied, listed = list_unprocessed(orders.begins_with(order_id, refused[0].tenant), refused, self._rules)
        if not orders.holds(applied):
            listed = ()
        if listed:
            orders.write(order_id, applied, records[-1].timestamp)
        for event in listed:
            orders.keep(*events[event.source])
        orders.fill(order_id, records[-1].timestamp, listed=len(listed) < len(events))
