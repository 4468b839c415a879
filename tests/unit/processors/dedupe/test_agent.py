"""What the dedupe agent writes for the records of a chunk, without Kafka."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for
from processors.dedupe.agent import Dedupe, OnCommit, Processed
from processors.dedupe.raw_event import RawReader
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.keytable import KeyTable
from schemas.outcome import Outcome, Reason
from schemas.topics import Topics

TOPICS, TABLE, PARTITIONS, RETENTION_MS = Topics("newstore"), KeyTable.shipped(), 8, 1000


@dataclass
class FakeUnit:
    """A stand-in for the unit: ``rows`` is the table, ``puts`` the written keys, ``emitted`` what would be sent."""

    records: list[ConsumerRecord]
    rows: dict[bytes, bytes | None] = field(default_factory=dict)
    emitted: list[tuple[Any, ...]] = field(default_factory=list)
    puts: list[bytes] = field(default_factory=list)
    partition: int = 3
    committed: Callable[[], None] = lambda: None

    def holds(self, value: bytes | None) -> bool:
        return len(value or b"") <= 1_000_000

    def get_many(self, _table: str, keys: list[bytes]) -> list[bytes | None]:
        return [self.rows.get(key) for key in keys]

    def put(self, _table: str, key: bytes, value: bytes, _timestamp: int) -> None:
        self.puts.append(key)
        self.rows[key] = value

    def emit(
        self, topic: str, partition: int, key: Any, value: Any, timestamp: int, headers: Any, carried: Any = None
    ) -> None:
        every = headers if carried is None else [*carried.headers, *headers]
        self.emitted.append((topic, partition, key, value, timestamp, every))

    def on_commit(self, action: Callable[[], None]) -> None:
        self.committed = action


def body(name: str, tenant: str = "acme", published_at: str = "2026-01-01T00:00:00Z", **payload: Any) -> bytes:
    return orjson.dumps({"tenant": tenant, "name": name, "published_at": published_at, "payload": payload})


def raw(
    offset: int, value: bytes, tenant: str = "acme", timestamp: int = 100, by_operator: header.Headers | None = None
) -> ConsumerRecord:
    """A raw record as the ingress of ``tenant`` writes it, without headers if it refuses the body. ``by_operator``:
    headers that the command line adds."""
    accepted = accept(
        value, content_encoding=None, tenant=tenant, table=TABLE, received_at_ms=timestamp, traceparent=None
    )
    headers = (*accepted.headers, *(by_operator or ())) if isinstance(accepted, Accepted) else ()
    return ConsumerRecord("raw", 3, offset, timestamp, 0, b"name", value, None, 4, len(value), headers)


def process(*records: ConsumerRecord, rows: dict[bytes, bytes | None] | None = None) -> tuple[FakeUnit, dict[Any, int]]:
    unit: Any = FakeUnit(list(records), {} if rows is None else rows)
    told: list[Processed] = []
    dedupe(lambda processed, _: told.append(processed)).process(unit)
    unit.committed()
    [processed] = told
    return unit, dict(processed.counted)


def dedupe(on_commit: OnCommit) -> Dedupe:
    return Dedupe(RawReader("acme", TABLE), TOPICS, TABLE, PARTITIONS, RETENTION_MS, on_commit)


def headers_of(emitted: tuple[Any, ...]) -> dict[str, bytes]:
    return dict(emitted[5])


def test_a_unique_event_goes_byte_for_byte_to_its_aggregates_topic() -> None:
    value = body("order.opened", id="o-1")
    unit, counted = process(raw(7, value))
    [(topic, partition, key, written, timestamp, headers)] = unit.emitted
    assert (topic, key, written, timestamp) == (TOPICS.orders, b"o-1", value, 100)
    assert partition == partition_for(b"o-1", PARTITIONS)
    assert (header.SOURCE, b"3:7") in headers
    assert counted == {("order.opened", Outcome.UNIQUE): 1}


def test_a_duplicate_in_the_same_chunk_is_dropped() -> None:
    unit, counted = process(raw(1, body("order.opened", id="o-1")), raw(2, body("order.opened", id="o-1")))
    assert len(unit.emitted) == 1
    assert counted["order.opened", Outcome.DUPLICATE] == 1


def test_a_duplicate_of_an_earlier_chunk_is_dropped() -> None:
    first, _ = process(raw(1, body("order.opened", id="o-1")))
    second, counted = process(raw(9, body("order.opened", id="o-1")), rows=first.rows)
    assert second.emitted == []
    assert counted == {("order.opened", Outcome.DUPLICATE): 1}


def test_a_conflict_under_a_guessed_key_is_reported_and_passed_on() -> None:
    """A wrong guess about a key must never swallow an event."""
    unit, counted = process(
        raw(1, body("order.opened", id="o-1")), raw(2, body("order.opened", id="o-1", channel="web"))
    )
    first, conflict, cleaned = unit.emitted
    assert (conflict[0], conflict[2]) == (TOPICS.conflicts, b"order.opened")
    assert headers_of(conflict)[header.FIRST_SOURCE] == b"3:1"
    assert cleaned[0] == TOPICS.orders
    assert headers_of(cleaned)[header.CONFLICT] == b"true"
    assert headers_of(cleaned)[header.CE_ID] == b"%s~%s" % (
        headers_of(first)[header.CE_ID],
        headers_of(conflict)[header.PAYLOAD_HASH],
    )
    assert counted["order.opened", Outcome.CONFLICT] == 1


def test_a_conflict_names_the_first_record_in_whatever_partition_it_lies() -> None:
    """Once raw has more partitions, further records of an event name may be in another one."""
    before, _ = process(raw(1, body("order.opened", id="o-1")))
    after: Any = FakeUnit([raw(0, body("order.opened", id="o-1", channel="web"))], before.rows, partition=5)
    dedupe(lambda *_: None).process(after)
    assert headers_of(after.emitted[0])[header.FIRST_SOURCE] == b"3:1"
    assert headers_of(after.emitted[0])[header.SOURCE] == b"5:0"


def test_a_conflict_under_a_documented_key_is_held_back() -> None:
    unit, _ = process(raw(1, body("order.created", id="o-1")), raw(2, body("order.created", id="o-1", channel="web")))
    assert [emitted[0] for emitted in unit.emitted] == [TOPICS.orders, TOPICS.conflicts]


def test_the_redelivery_of_a_conflict_is_dropped() -> None:
    changed = body("order.opened", id="o-1", channel="web")
    unit, counted = process(raw(1, body("order.opened", id="o-1")), raw(2, changed), raw(3, changed))
    assert len(unit.emitted) == 3
    assert counted["order.opened", Outcome.DUPLICATE] == 1


def test_a_key_older_than_the_retention_is_unique_again() -> None:
    value = body("order.opened", id="o-1")
    unit, counted = process(raw(1, value, timestamp=0), raw(2, value, timestamp=RETENTION_MS + 1))
    assert len(unit.emitted) == 2
    assert counted == {("order.opened", Outcome.UNIQUE): 2}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (raw(5, b"{no json"), b"invalid_json"),
        (raw(5, body("order.opened", tenant="other", id="o-1"), tenant="other"), b"other_tenant"),
    ],
)
def test_what_is_no_event_of_this_tenant_is_quarantined_with_its_place(record: ConsumerRecord, reason: bytes) -> None:
    """The ingress writes no record like these, but others may write to raw."""
    unit, counted = process(record)
    [(topic, _, key, value, _, _)] = unit.emitted
    assert (topic, key, value) == (TOPICS.quarantine, None, record.value)
    found = headers_of(unit.emitted[0])
    assert (found[header.ERROR_REASON], found[header.ERROR_STAGE]) == (reason, b"dedupe")
    assert found[header.ERROR_TOPIC] == TOPICS.raw.encode()
    assert (found[header.ERROR_PARTITION], found[header.ERROR_OFFSET]) == (b"3", b"5")
    assert counted == {("", Outcome.QUARANTINED): 1}


def test_what_is_quarantined_is_told_by_reason_and_nothing_else_is() -> None:
    told: list[Processed] = []
    unit: Any = FakeUnit(
        [raw(5, b"{no json"), raw(6, b"[]"), raw(7, b"nor this"), raw(8, body("order.opened", id="o"))]
    )
    dedupe(lambda processed, _: told.append(processed)).process(unit)
    unit.committed()
    assert told[0].quarantined == {Reason.INVALID_JSON: 2, Reason.NOT_AN_OBJECT: 1}


def test_headers_made_by_other_rules_are_not_trusted() -> None:
    """Computed headers are a cache. After a change of the key table, only the body counts."""
    record = raw(1, body("order.opened", id="o-1"))
    stale = [
        (name, {header.RULES: b"0-old", header.ENTITY_KEY: b"wrong"}.get(name, value)) for name, value in record.headers
    ]
    unit, _ = process(
        ConsumerRecord("raw", 3, 1, 100, 0, b"name", record.value, None, 4, len(record.value), tuple(stale))
    )
    assert unit.emitted[0][2] == b"o-1"
    assert headers_of(unit.emitted[0])[header.RULES] == TABLE.version("order.opened").encode()


CREATED, CHANGED = body("order.created", id="o-1"), body("order.created", id="o-1", channel="web")


def accepting(offset: int, value: bytes, place: bytes = b"5:7", timestamp: int = 100) -> ConsumerRecord:
    """A raw record by which an operator accepts the conflict at ``place``."""
    return raw(offset, value, timestamp=timestamp, by_operator=[(header.ACCEPT, place)])


def test_an_accepted_conflict_goes_to_its_cleaned_topic_once_with_an_id_of_its_own() -> None:
    unit, counted = process(raw(1, CREATED), raw(2, CHANGED), accepting(3, CHANGED), accepting(4, CHANGED))
    first, conflict, cleaned = unit.emitted
    assert (cleaned[0], cleaned[2], cleaned[3]) == (TOPICS.orders, b"o-1", CHANGED)
    found = headers_of(cleaned)
    assert found[header.CE_ID] == b"%s~%s" % (headers_of(first)[header.CE_ID], found[header.PAYLOAD_HASH])
    assert found[header.CE_ID] == headers_of(conflict)[header.CE_ID]
    assert (found[header.CONFLICT], found[header.SOURCE]) == (b"true", b"3:3")
    assert counted["order.created", Outcome.UNIQUE] == 2
    assert counted["order.created", Outcome.DUPLICATE] == 1


def test_accepting_changes_nothing_about_the_events_own_key() -> None:
    unit, counted = process(accepting(1, CHANGED), raw(2, CREATED), raw(3, CHANGED), raw(4, CREATED))
    assert [emitted[0] for emitted in unit.emitted] == [TOPICS.orders, TOPICS.orders, TOPICS.conflicts]
    assert counted["order.created", Outcome.DUPLICATE] == 1


def test_a_conflict_that_was_passed_on_cannot_be_accepted() -> None:
    """The conflict's id is in the cleaned topic already, and must not be there twice."""
    unit, counted = process(accepting(1, body("order.opened", id="o-1", channel="web")))
    assert unit.emitted == []
    assert counted == {("order.opened", Outcome.DUPLICATE): 1}


@pytest.mark.parametrize("place", [b"", b"5", b"5:", b"05:7", b"5:07", b"-1:7", b"5:7 ", b"a:b", b"\xff", b"9" * 99])
def test_an_acceptance_of_no_place_is_an_ordinary_record(place: bytes) -> None:
    unit, counted = process(raw(1, CREATED), accepting(2, CREATED, place))
    assert len(unit.emitted) == 1
    assert counted["order.created", Outcome.DUPLICATE] == 1


def test_acceptance_is_read_beside_headers_made_by_other_rules() -> None:
    record = accepting(3, CHANGED)
    stale = tuple((name, b"0-old" if name == header.RULES else value) for name, value in record.headers)
    unit, counted = process(ConsumerRecord("raw", 3, 3, 100, 0, b"name", CHANGED, None, 4, len(CHANGED), stale))
    assert headers_of(unit.emitted[0])[header.ACCEPT] == b"5:7"
    assert headers_of(unit.emitted[0])[header.CONFLICT] == b"true"
    assert counted == {("order.created", Outcome.UNIQUE): 1}


def test_a_replayed_record_has_the_verdict_of_any_other() -> None:
    """The cleaned record keeps the replay header, which says why the event is late."""
    replay = [(header.REPLAY, b"0:0")]
    unit, counted = process(raw(1, CREATED, by_operator=replay), raw(2, CREATED, by_operator=replay))
    assert headers_of(unit.emitted[0])[header.REPLAY] == b"0:0"
    assert header.CONFLICT not in headers_of(unit.emitted[0])
    assert counted == {("order.created", Outcome.UNIQUE): 1, ("order.created", Outcome.DUPLICATE): 1}


def test_what_an_ingress_of_before_accepted_with_too_much_structure_is_put_aside() -> None:
    """Headers of an older ingress say what it is, but every later reader would pay for it."""
    accepted = raw(1, body("order.created", id="1"))
    dense = b'{"tenant":"acme","name":"order.created","payload":{"id":"1","a":[%s1]}}' % (b"1," * 200_000)
    unit, counted = process(replace(accepted, value=dense))
    assert counted == {("", Outcome.QUARANTINED): 1}
    [(topic, _, _, value, _, headers)] = unit.emitted
    assert (topic, value) == (TOPICS.quarantine, dense)
    assert dict(headers)[header.ERROR_REASON] == b"too_much_structure"


@pytest.mark.parametrize("timestamp", [-(10**14), 253_402_300_800_000])
@pytest.mark.parametrize("value", [b"no json", body("order.opened", id="o-1")])
def test_no_time_of_another_writers_record_is_too_odd(timestamp: int, value: bytes) -> None:
    """Otherwise dedupe could not even quarantine the record, and its lane would halt."""
    record = ConsumerRecord("raw", 3, 7, timestamp, 0, None, value, None, 0, len(value), ())
    unit, _ = process(record)
    assert [written for _, _, _, written, *_ in unit.emitted] == [value]
