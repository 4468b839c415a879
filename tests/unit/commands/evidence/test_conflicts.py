"""Which conflicts can be accepted, and as what."""

from aiokafka import TopicPartition

from bridge.kafka.partitioner import partition_for
from commands.evidence.kept import State
from commands.evidence.shelves import Conflicts
from schemas import headers as header
from tests.unit.commands.evidence.records import NOW_MS, TABLE, accepted, body, conflict, settings

SHELF = Conflicts(settings())


def test_a_conflict_that_was_held_back_becomes_a_raw_record_that_accepts_it() -> None:
    standing = SHELF.judge(conflict(body(note="b")), TABLE, NOW_MS)
    raw = standing.raw
    assert standing.state is State.OPEN
    assert raw is not None
    assert (raw.topic, raw.key, raw.value) == ("newstore.raw.v1", b"order.created", body(note="b"))
    assert sorted(raw.headers) == sorted([*accepted(body(note="b")).headers, (header.ACCEPT, b"3:17")])


def test_its_copy_may_lie_where_any_count_of_partitions_has_put_it() -> None:
    homes = SHELF.judge(conflict(body(note="b")), TABLE, NOW_MS).homes({4, 6})
    assert homes == {TopicPartition("newstore.raw.v1", partition_for(b"order.created", count)) for count in (4, 6)}


def test_a_conflict_under_a_guessed_key_was_passed_on() -> None:
    standing = SHELF.judge(conflict(body("order.opened", note="b")), TABLE, NOW_MS)
    assert standing.state is State.PASSED_ON
    assert standing.homes({4, 6}) == frozenset()


def test_other_rules_may_have_passed_it_on() -> None:
    standing = SHELF.judge(conflict(body(), [(header.RULES, b"1-other")]), TABLE, NOW_MS)
    assert (standing.state, standing.detail) == (State.OTHER_RULES, "1-other")


def test_another_tenants_conflict_is_refused() -> None:
    assert Conflicts(settings("other")).judge(conflict(body()), TABLE, NOW_MS).state is State.REFUSED
