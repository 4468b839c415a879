"""Which records of a topic are wanted, and where they can be."""

import pytest

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from commands.tail.wanted import Wanted
from commands.terminal.topics import datasets
from tests.unit.commands.record.test_shown import EVENT, Read

SETTINGS = Settings(tenant="acme", partitions=4, order_lines=True)
TYPE = ("ce_type", b"order.created")
OF_ORDER = ("bridge_entity_key", b"SO-1")


def numbers(dataset: str, event: str | None, order: str | None, counts: tuple[int, ...] = ()) -> list[int]:
    spec = datasets(SETTINGS)[dataset]
    return [each.partition for each in Wanted(dataset, event, order).partitions(spec, counts)]


def test_an_event_is_meant_by_its_name() -> None:
    assert Wanted("raw", "order.created", None).takes(Read(EVENT, headers=[TYPE]))
    of_its_own = Read(EVENT, headers=[("ce_type", b"bridge.body.quarantined")])
    assert Wanted("quarantine", "order.created", None).takes(of_its_own)
    assert Wanted("conflicts", "order.created", None).takes(of_its_own)
    assert not Wanted("raw", "order.opened", None).takes(Read(EVENT, headers=[TYPE]))
    assert not Wanted("quarantine", "order.created", None).takes(Read(b"{"))


@pytest.mark.parametrize(
    ("dataset", "record"),
    [
        ("raw", Read(EVENT, key=b"order.created", headers=[OF_ORDER])),
        ("orders", Read(EVENT, headers=[OF_ORDER])),
        ("order-state", Read(b"{}", key=b"SO-1")),
        ("quarantine", Read(EVENT, key=None)),
        ("order-lines", Read(None, key=b'{"order_id":"SO-1","line_id":"SO-2"}')),
    ],
)
def test_an_order_is_meant_by_its_id(dataset: str, record: Read) -> None:
    assert Wanted(dataset, None, "SO-1").takes(record)
    assert not Wanted(dataset, None, "SO-2").takes(record)


def test_a_line_with_a_foreign_key_is_of_no_order() -> None:
    for key in (None, b"SO-1", b"[]", b"\xff"):
        assert not Wanted("order-lines", None, "SO-1").takes(Read(b"{}", key=key))


def test_only_partitions_are_read_that_can_have_it() -> None:
    assert numbers("raw", "order.created", None) == [partition_for(b"order.created", 4)]
    assert numbers("orders", None, "SO-1") == [partition_for(b"SO-1", 4)]
    assert numbers("order-state", None, "SO-1") == [partition_for(b"SO-1", 4)]
    assert numbers("order-lines", None, "SO-1") == [partition_for(b"SO-1", 4)]
    assert numbers("raw", None, "SO-1") == [0, 1, 2, 3]
    assert numbers("orders", "order.created", None) == [0, 1, 2, 3]
    assert numbers("rules", None, None) == [0]


def test_what_a_former_partition_count_has_put_elsewhere_is_read_too() -> None:
    assert numbers("raw", "order.created", None, (2, 4)) == sorted({partition_for(b"order.created", n) for n in (2, 4)})


@pytest.mark.parametrize(
    ("dataset", "event", "order", "option"),
    [
        ("raw", "order.created", "SO-1", ""),
        ("order-state", None, "SO-1", ""),
        ("order-state", "order.created", None, "--event"),
        ("order-lines", "order.created", "SO-1", "--event"),
        ("rules", None, "SO-1", "--order"),
        ("orders-changelog", None, "SO-1", "--order"),
    ],
)
def test_a_topic_that_has_no_such_thing_says_so(
    dataset: str, event: str | None, order: str | None, option: str
) -> None:
    assert Wanted(dataset, event, order).misses() == option
