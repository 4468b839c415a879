"""The dedupe handler: raw records in; cleaned records, conflicts and quarantine out."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bridge.kafka.partitioner import partition_for, partitions_for
from processors.dedupe.decision import DUPLICATE, Lookup, Seen, Verdict, decide, decide_accepted
from processors.dedupe.output_headers import added_headers, cleaned_headers, conflict_headers, passed_on
from processors.dedupe.raw_event import NoEvent, RawEvent, RawReader
from processors.dedupe.redeliveries import AGAIN, Redeliveries
from processors.engine.records import RecordHeaders
from processors.engine.unit import Unit
from processors.quarantine import put_aside
from schemas import headers as header
from schemas.headers import CachedIdentity, quarantine_headers
from schemas.keytable import KeyTable
from schemas.outcome import Outcome, Reason
from schemas.routing import aggregate_of
from schemas.topics import Topics

TABLE = "seen"
_STAGE = "dedupe"
_new: Final = tuple.__new__  # as in schemas.headers
_STEP: Final = 16
"""Records of one step: 0.2 ms. A step for each record would add 2 % of CPU."""


@dataclass(slots=True)
class Processed:
    """What became of a unit. ``counted``: records by event name and outcome. ``received_ms``: of the unique
    ones. ``quarantined``: raw records that are no events, by reason."""

    counted: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    received_ms: list[int] = field(default_factory=list)
    quarantined: Counter[Reason] = field(default_factory=Counter)


OnCommit = Callable[[Processed, Sequence[Any]], None]
"""Told of every committed unit: what became of it, and its raw records."""


class Dedupe:
    """The handler of raw records. ``retention_ms`` is how long a key is remembered."""

    def __init__(
        self,
        reader: RawReader,
        topics: Topics,
        table: KeyTable,
        partitions: int,
        retention_ms: int,
        on_commit: OnCommit,
    ) -> None:
        self._reader, self._topics, self._table = reader, topics, table
        self._partitions, self._retention_ms, self._on_commit = partitions, retention_ms, on_commit

    def process(self, unit: Unit) -> None:
        """Decide on every record of ``unit`` and write what follows from it."""
        for _ in self.steps(unit):
            pass

    def steps(self, unit: Unit) -> Iterator[None]:
        """Do what ``process`` does, a few records at a time."""
        processed = Processed()
        yield from self._decide(unit, processed)
        unit.on_commit(partial(self._on_commit, processed, unit.records))

    def refuse(self, unit: Unit, error: Exception) -> None:
        """Put the record into quarantine. Its key is not remembered, so a replay gets an ordinary verdict."""
        put_aside(unit, unit.records[0], self._topics, _STAGE, error)
        refused = Processed(Counter({("", Outcome.QUARANTINED): 1}))
        unit.on_commit(partial(self._on_commit, refused, unit.records))

    def _decide(self, unit: Unit, processed: Processed) -> Iterator[None]:
        counted = processed.counted
        events = list[RawEvent | NoEvent]()
        for number, record in enumerate(unit.records):
            event = self._reader.read(record)
            events.append(event)
            if isinstance(event, NoEvent) or event.carrier is not record or not number % _STEP:
                yield  # after a body was parsed, or a step's records were read
        identities = [event.identity for event in events if isinstance(event, RawEvent)]
        rows = _Rows(unit, [identity.row_key for identity in identities])
        again = _Again(unit)
        homes = partitions_for((identity.entity_key for identity in identities), self._partitions)
        for number, (record, event) in enumerate(zip(unit.records, events, strict=True)):
            if not number % _STEP:
                yield
            if isinstance(event, NoEvent):
                self._quarantine(unit, record, event)
                counted["", Outcome.QUARANTINED] += 1
                processed.quarantined[event.reason] += 1
                continue
            identity = event.identity
            seen = _new(Seen, (unit.partition, record.offset, record.timestamp, identity.payload_hash))
            verdict = self._verdict(identity, seen, rows.__getitem__)
            if verdict.row_key is not None and verdict.row is not None:
                rows.put(verdict.row_key, verdict.row, record.timestamp)
                self._write(unit, record, event, verdict, homes[identity.entity_key])
            elif verdict.repeats is not None and verdict.first is not None:
                again.add(verdict.repeats, verdict.first, record.timestamp)
            counted[identity.name, verdict.outcome] += 1
            if verdict.outcome is Outcome.UNIQUE:
                processed.received_ms.append(record.timestamp)
        again.write()

    def _verdict(self, identity: CachedIdentity, seen: Seen, lookup: Lookup) -> Verdict:
        if identity.accept is None:
            return decide(identity.row_key, seen, lookup, self._retention_ms)
        if self._table.rule(identity.name).documented:
            return decide_accepted(identity.accept, seen, lookup, self._retention_ms)
        return DUPLICATE  # dedupe passed the conflict on when it came

    def _write(self, unit: Unit, record: Any, event: RawEvent, verdict: Verdict, home: int) -> None:
        identity, source = event.identity, b"%d:%d" % (unit.partition, record.offset)
        if verdict.first is None and identity.accept is None:
            self._clean(unit, record, event, added_headers(identity, source), home, event.carrier)
            return
        headers = cleaned_headers(event, source)
        if verdict.first is None:
            self._clean(unit, record, event, passed_on(headers, identity.payload_hash), home)
            return
        key = identity.name.encode()
        partition = partition_for(key, self._partitions)
        about = conflict_headers(headers, identity, b"%d:%d" % (verdict.first.partition, verdict.first.offset))
        unit.emit(self._topics.conflicts, partition, key, record.value, record.timestamp, about)
        if not self._table.rule(identity.name).documented:
            # A guessed key must never swallow an event: pass the conflict on as an event of its own.
            self._clean(unit, record, event, passed_on(headers, identity.payload_hash), home)

    def _clean(
        self,
        unit: Unit,
        record: Any,
        event: RawEvent,
        headers: header.Headers,
        home: int,
        carried: RecordHeaders | None = None,
    ) -> None:
        identity = event.identity
        topic = self._topics.cleaned[aggregate_of(identity.name)]
        unit.emit(topic, home, identity.entity_key, record.value, record.timestamp, headers, carried)

    def _quarantine(self, unit: Unit, record: Any, event: NoEvent) -> None:
        headers = quarantine_headers(
            value=record.value or b"",
            reason=event.reason,
            stage=_STAGE,
            received_at_ms=record.timestamp,
            ce_source=self._reader.source,
            exception=event.exception,
            source=(self._topics.raw, unit.partition, record.offset),
            traceparent=event.traceparent,
        )
        unit.emit(self._topics.quarantine, unit.partition, None, record.value, record.timestamp, headers)


class _Rows(dict[bytes, bytes | None]):
    """Rows of the table, read once for the whole unit, overlaid with the unit's own."""

    def __init__(self, unit: Unit, keys: list[bytes]) -> None:
        super().__init__(zip(keys, unit.get_many(TABLE, keys), strict=True))
        self._unit = unit

    def __missing__(self, key: bytes) -> bytes | None:
        """Read the row of a conflict when it is needed: conflicts are rare."""
        row = self[key] = self._unit.get_many(TABLE, [key])[0]
        return row

    def put(self, key: bytes, row: bytes, timestamp: int) -> None:
        self[key] = row
        self._unit.put(TABLE, key, row, timestamp)


class _Again:
    """Counts re-deliveries in a unit: one row for each event, however often it came again."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._counted: dict[bytes, tuple[Seen, list[int]]] = {}

    def add(self, key: bytes, first: Seen, timestamp: int) -> None:
        """Count one more delivery of the event under this row key; ``first`` is the event's row."""
        known = self._counted.get(key)
        if known is None or known[0] != first:
            self._counted[key] = first, [timestamp]
        else:
            known[1].append(timestamp)

    def write(self) -> None:
        """Add the counts to those in the table."""
        rows = self._unit.get_many(TABLE, [AGAIN + key for key in self._counted]) if self._counted else []
        for row, (key, (first, received)) in zip(rows, self._counted.items(), strict=True):
            again = Redeliveries(len(received), max(received))
            total = again.plus(Redeliveries.unpack(row, first))
            self._unit.put(TABLE, AGAIN + key, total.pack(first), again.last_received_ms)
