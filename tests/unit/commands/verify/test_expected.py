"""The outcome of each raw record, recomputed from the contract's rules."""

from dataclasses import replace

import orjson
import pytest

from commands.verify.expected import RawPartition
from commands.verify.outputs import Output, content
from schemas.identity import payload_hash_of
from schemas.outcome import Outcome
from tests.unit.commands.verify.records import RETENTION_MS, RULES, TOPICS, InMemory, body, outcomes

CREATED = body("order.created", {"id": "o1", "note": "a"})
CREATED_OTHERWISE = body("order.created", {"id": "o1", "note": "b"})
INVOICE = body("invoice.created", {"id": "i1", "order_id": "o1", "total": 5})
INVOICE_OTHERWISE = body("invoice.created", {"id": "i1", "order_id": "o1", "total": 6})


def test_the_first_is_unique_and_its_redelivery_a_duplicate() -> None:
    assert outcomes([CREATED, CREATED, CREATED]) == ["unique", "duplicate", "duplicate"]


def test_the_same_payload_written_otherwise_is_a_duplicate() -> None:
    """Order of keys, white space and trailing zeros are no content; nor is a re-delivery's time."""
    otherwise = (
        b'{"payload": {"order_id":"o1", "total":5, "id":"i1"}, "name":"invoice.created", "tenant":"acme",'
        b' "published_at":"2027-01-01T00:00:00Z"}'
    )
    assert outcomes([INVOICE, otherwise]) == ["unique", "duplicate"]


def test_another_payload_under_the_key_is_a_conflict_and_its_redelivery_a_duplicate() -> None:
    sequence = [INVOICE, INVOICE_OTHERWISE, INVOICE_OTHERWISE, INVOICE]
    assert outcomes(sequence) == ["unique", "conflict", "duplicate", "duplicate"]


def test_the_key_counts_per_event_name() -> None:
    assert outcomes([CREATED, body("order.opened", {"id": "o1", "note": "a"})]) == ["unique", "unique"]


def test_a_content_key_knows_two_moments_apart() -> None:
    """Equal payloads published at two times are two events."""
    morning, evening = (
        body("cash_drawer.float_defined", {"id": "d", "amount": 100}, f"2026-01-01T{hour}:00:00Z")
        for hour in ("08", "20")
    )
    assert outcomes([morning, evening, morning]) == ["unique", "unique", "duplicate"]


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", body("", {}), body("order.created", {"id": "o1"}, tenant="another")]
)
def test_what_is_no_event_of_this_tenant_is_quarantined(value: bytes) -> None:
    assert outcomes([value]) == ["quarantined"]


def test_what_the_handler_failed_on_is_quarantined_and_its_key_not_remembered() -> None:
    """So its replay, once the handler is mended, is the first of its key."""
    partition = RawPartition(RULES, history_from=None)
    failed, replayed = InMemory(INVOICE, offset=0), InMemory(INVOICE, offset=1)
    partition.settle(failed, partition.refused(failed))
    assert [expected.outcome for expected in partition.possible(replayed)] == [Outcome.UNIQUE]


def test_a_key_is_forgotten_after_the_retention_counted_from_its_first_record() -> None:
    """A re-delivery within the retention does not refresh it."""
    times = [0, RETENTION_MS, RETENTION_MS + 1, RETENTION_MS + 2]
    assert outcomes([INVOICE] * 4, times) == ["unique", "duplicate", "unique", "duplicate"]


def test_a_forgotten_key_forgets_its_conflicts() -> None:
    times = [0, RETENTION_MS, RETENTION_MS + 1, RETENTION_MS + 2]
    sequence = [INVOICE, INVOICE_OTHERWISE, INVOICE, INVOICE_OTHERWISE]
    assert outcomes(sequence, times) == ["unique", "conflict", "unique", "conflict"]


def test_a_unique_event_goes_to_its_aggregates_topic_under_its_entitys_key() -> None:
    (expected,) = RawPartition(RULES, None).possible(InMemory(INVOICE))
    assert expected.outputs == (Output(TOPICS.orders, content(b"o1", INVOICE, b"acme/invoice.created/i1")),)


def test_a_conflict_under_a_guessed_key_is_passed_on_with_an_id_of_its_own() -> None:
    evidence, passed = _second(INVOICE, INVOICE_OTHERWISE)
    assert evidence == Output(TOPICS.conflicts, content(b"invoice.created", INVOICE_OTHERWISE))
    assert passed.topic == TOPICS.orders
    assert passed.content != content(b"o1", INVOICE_OTHERWISE, b"acme/invoice.created/i1")


def test_a_conflict_under_a_documented_key_is_held_back() -> None:
    assert [output.topic for output in _second(CREATED, CREATED_OTHERWISE)] == [TOPICS.conflicts]


def _second(first: bytes, second: bytes) -> tuple[Output, ...]:
    partition = RawPartition(RULES, None)
    (expected,) = partition.possible(InMemory(first))
    partition.settle(InMemory(first), expected)
    (expected,) = partition.possible(InMemory(second, offset=1))
    return expected.outputs


CUT_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def test_below_a_cut_an_event_may_have_been_seen_before() -> None:
    """Retention has deleted the log's beginning: an older event may be a duplicate of a deleted one."""
    partition = RawPartition(RULES, history_from=CUT_MS)
    old = InMemory(body("invoice.created", {"id": "i1"}, "2025-12-31T00:00:00Z"), timestamp=CUT_MS)
    assert {e.outcome for e in partition.possible(old)} == {Outcome.UNIQUE, Outcome.DUPLICATE, Outcome.CONFLICT}


def test_an_event_published_after_the_cut_cannot_have_been_seen_before() -> None:
    """NewStore's clock, which says when, may differ from ours by a minute."""
    partition = RawPartition(RULES, history_from=CUT_MS)
    near = InMemory(body("invoice.created", {"id": "i1"}, "2026-01-01T00:01:00Z"), timestamp=CUT_MS + 1000)
    assert Outcome.DUPLICATE in {e.outcome for e in partition.possible(near)}
    new = InMemory(body("invoice.created", {"id": "i1"}, "2026-01-01T00:01:01Z"), timestamp=CUT_MS + 1000)
    assert [e.outcome for e in partition.possible(new)] == [Outcome.UNIQUE]


def test_one_retention_after_the_cut_everything_is_clear_again() -> None:
    partition = RawPartition(RULES, history_from=CUT_MS)
    old = body("invoice.created", {"id": "i1"}, "2025-12-31T00:00:00Z")
    late = InMemory(old, timestamp=CUT_MS + RETENTION_MS + 1)
    assert [e.outcome for e in partition.possible(late)] == [Outcome.UNIQUE]


def test_what_turned_out_unique_after_the_cut_has_a_known_history() -> None:
    partition = RawPartition(RULES, history_from=CUT_MS)
    old = InMemory(body("invoice.created", {"id": "i1"}, "2025-12-31T00:00:00Z"), timestamp=CUT_MS)
    unique, duplicate, _ = partition.possible(old)
    partition.settle(old, unique)
    assert [e.outcome for e in partition.possible(old)] == [duplicate.outcome]


def test_what_is_remembered_from_below_a_cut_need_not_have_been_the_first() -> None:
    """If it was a conflict with a deleted record, their key is forgotten with that one: when it comes again, it may be
    unique."""
    old = InMemory(body("order.created", {"id": "o1"}, "2025-12-31T00:00:00Z"), timestamp=CUT_MS)
    partition = RawPartition(RULES, history_from=CUT_MS)
    for _ in range(2):
        partition.remember(old)
        assert {e.outcome for e in partition.possible(old)} == {Outcome.UNIQUE, Outcome.DUPLICATE}
    without_cut = RawPartition(RULES, history_from=None)
    without_cut.remember(old)
    assert [e.outcome for e in without_cut.possible(old)] == [Outcome.DUPLICATE]


def test_what_may_have_been_the_first_again_is_so_for_one_more_retention() -> None:
    """If a record is not compared, nobody knows whether its key was forgotten by then."""
    other, old = (body("order.created", {"id": "o1", "n": n}, "2025-12-31T00:00:00Z") for n in (1, 2))
    partition = RawPartition(RULES, history_from=CUT_MS)
    for time_ms in (0, RETENTION_MS // 2):
        partition.remember(InMemory(old, timestamp=CUT_MS + time_ms))
    late = InMemory(other, timestamp=CUT_MS + RETENTION_MS // 2)
    assert Outcome.DUPLICATE in {e.outcome for e in partition.possible(late)}
    again = InMemory(old, timestamp=CUT_MS + RETENTION_MS + 1)
    assert {e.outcome for e in partition.possible(again)} == {Outcome.UNIQUE, Outcome.DUPLICATE}


ACCEPTED = InMemory(CREATED_OTHERWISE, headers=[("bridge_accept", b"0:5")])


def test_an_accepted_conflict_is_passed_on_once_with_an_id_of_its_own() -> None:
    partition = RawPartition(RULES, None)
    (expected,) = partition.possible(ACCEPTED)
    (output,) = expected.outputs
    assert (expected.outcome, output.topic) == (Outcome.UNIQUE, TOPICS.orders)
    assert output == _passed(CREATED_OTHERWISE, b"order.created/o1")
    partition.settle(ACCEPTED, expected)
    assert [e.outcome for e in partition.possible(ACCEPTED)] == [Outcome.DUPLICATE]
    other = InMemory(CREATED_OTHERWISE, headers=[("bridge_accept", b"0:6")])
    assert [e.outcome for e in partition.possible(other)] == [Outcome.UNIQUE]


def _passed(value: bytes, name_and_key: bytes) -> Output:
    payload_hash = payload_hash_of(orjson.loads(value)["payload"]).encode()
    return Output(TOPICS.orders, content(b"o1", value, b"acme/%s~%s" % (name_and_key, payload_hash)))


def test_accepting_neither_begins_a_key_nor_changes_it() -> None:
    partition = RawPartition(RULES, None)
    partition.settle(ACCEPTED, partition.possible(ACCEPTED)[0])
    assert [e.outcome for e in partition.possible(InMemory(CREATED))] == [Outcome.UNIQUE]


def test_a_conflict_under_a_guessed_key_was_passed_on_already() -> None:
    accepted = InMemory(INVOICE, headers=[("bridge_accept", b"0:5")])
    assert [e.outcome for e in RawPartition(RULES, None).possible(accepted)] == [Outcome.DUPLICATE]


def test_an_acceptance_of_no_place_and_a_replay_are_ordinary_records() -> None:
    for header in (("bridge_accept", b"05:1"), ("bridge_replay", b"0:5")):
        (expected,) = RawPartition(RULES, None).possible(InMemory(INVOICE, headers=[header]))
        assert expected.outputs == (Output(TOPICS.orders, content(b"o1", INVOICE, b"acme/invoice.created/i1")),)


def test_an_acceptance_is_forgotten_after_the_retention() -> None:
    partition = RawPartition(RULES, None)
    partition.settle(ACCEPTED, partition.possible(ACCEPTED)[0])
    late = replace(ACCEPTED, timestamp=RETENTION_MS + 1)
    assert [e.outcome for e in partition.possible(late)] == [Outcome.UNIQUE]


def test_below_a_cut_a_conflict_may_have_been_accepted_before() -> None:
    partition = RawPartition(RULES, history_from=CUT_MS)
    accepted = replace(ACCEPTED, timestamp=CUT_MS)
    assert [e.outcome for e in partition.possible(accepted)] == [Outcome.UNIQUE, Outcome.DUPLICATE]
    late = replace(ACCEPTED, timestamp=CUT_MS + RETENTION_MS + 1)
    assert [e.outcome for e in partition.possible(late)] == [Outcome.UNIQUE]
