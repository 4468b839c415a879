"""Tables rebuilt from raw records: what comes again does not pass again, and every order is whole."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from commands.topics.migration.home import untimed
from commands.topics.migration.rebuild import Rebuild
from commands.topics.migration.scratch import Kind, Scratch, placed
from processors.dedupe.raw_event import RawReader
from processors.orders import agent
from processors.orders.beginning import BEGAN
from processors.orders.canonical import event_of
from processors.orders.fact import fact_of
from processors.orders.table import TOTALS_KEY, read_totals
from schemas.headers import FIRST_SOURCE, SOURCE
from tests.unit.commands.topics.migration.rebuilds import (
    EVENTS,
    late,
    orders,
    passed,
    raw,
    settings,
    take,
)

pytestmark = pytest.mark.thorough  # its rows are on a disk

TABLES: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "all by content": {"order.shipped": {"key": [], "content": True, "documented": False}},
    "holds and customers by id": {
        "order.items_on_hold": {"key": ["id"], "content": False, "documented": False},
        "customer.updated": {"key": ["id"], "content": False, "documented": True},
    },
    "orders by channel": {
        "order.created": {"key": ["channel"], "content": False, "documented": False},
        "order.opened": {"key": ["id", "channel"], "content": False, "documented": True},
    },
}


@pytest.fixture(params=list(TABLES.values()), ids=list(TABLES))
def after(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of six partitions, with one of several key tables."""
    if not request.param:
        return settings()
    path = tmp_path / "keys.yaml"
    path.write_text(yaml.safe_dump(request.param))
    return settings(idempotency_keys=path)


def test_what_comes_again_passes_nowhere(scratch: Scratch, after: Settings) -> None:
    """This holds whatever rules the tables were rebuilt under, and whether a worker believes the headers or not."""
    rebuild = Rebuild(after, scratch, ())
    take(rebuild, raw(*EVENTS))
    again = late(rebuild, raw(*EVENTS, offset=60))
    assert passed(again) == []
    assert len(again) == len(EVENTS)


def test_each_order_is_whole_and_where_its_next_event_comes(scratch: Scratch, after: Settings) -> None:
    rebuild = Rebuild(after, scratch, ())
    take(rebuild, raw(*EVENTS))
    assert sum(rebuild.fold()) == rebuild.cleaned
    homes = {order: partition_for(order.encode(), 6) for order in ("o-1", "o-2")}
    found = orders(scratch)
    assert found.keys() == set(homes.items())
    facts = {order: {event_of(fact.place) for fact in row.facts} for (order, _), row in found.items()}
    assert facts == {"o-1": {"order.created", "order.opened", "order.items_on_hold"}, "o-2": {"order.created"}}


def test_events_are_folded_so_many_at_once_that_memory_holds_them(scratch: Scratch) -> None:
    """An event may have megabytes."""
    hold = {"id": "o-1", "note": "x" * 1_000}
    held = [("order.items_on_hold", {**hold, "items": [{"id": f"i-{number}"}]}) for number in range(9)]
    rebuild = Rebuild(settings(chunk_bytes=4_000), scratch, ())
    take(rebuild, raw(*held))
    assert list(rebuild.fold()) == [3, 3, 3]
    [row] = orders(scratch).values()
    assert len(row.facts) == 9


def test_the_totals_of_each_partition_count_its_orders(scratch: Scratch) -> None:
    rebuild = Rebuild(settings(), scratch, ())
    take(rebuild, raw(*EVENTS))
    assert sum(rebuild.fold())
    rows = scratch.get_many(Kind.ORDERS, [placed(TOTALS_KEY, number) for number in range(6)])
    totals = [read_totals(untimed(row)[1]) for row in rows if row is not None]
    assert sum(sum(count for name, count in total.items() if name.startswith("status:")) for total in totals) == 2


def test_a_conflict_that_comes_later_names_the_first_record_where_it_lies(scratch: Scratch) -> None:
    rebuild = Rebuild(settings(), scratch, ())
    [first] = raw(EVENTS[2])
    rebuild.take([first])
    written = {write.topic: write for write in late(rebuild, raw(EVENTS[3], partitions=6))}
    assert written.keys() == {"newstore.dedupe-changelog.v1", "newstore.conflicts.v1", "newstore.orders.v1"}
    headers = dict(written["newstore.conflicts.v1"].headers)
    assert headers[FIRST_SOURCE] == f"{first.partition}:0".encode()
    assert headers[SOURCE] != headers[FIRST_SOURCE]


def test_what_no_handler_could_process_keeps_no_key_from_its_replay(scratch: Scratch) -> None:
    """A replay takes it from quarantine: then it must not be a duplicate of itself."""
    [record] = raw(EVENTS[0])
    rebuild = Rebuild(settings(), scratch, {(record.partition, record.offset)})
    rebuild.take([record])
    assert "newstore.orders.v1" in {write.topic for write in late(rebuild, raw(EVENTS[0], offset=9))}


def failing(monkeypatch: pytest.MonkeyPatch, offsets: Sequence[int]) -> None:
    """Have the handler of raw records fail at these offsets."""
    read = RawReader.read

    def fail(self: RawReader, record: ConsumerRecord) -> Any:
        if record.offset in offsets:
            raise ValueError("nobody expects this")
        return read(self, record)

    monkeypatch.setattr(RawReader, "read", fail)


def test_a_processed_record_on_which_this_version_fails_ends_it(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When such a record was left out, its event passed a second time, and its order was without it. Only a log line
    said so."""
    records = raw(*[("order.created", {"id": f"o-{number}"}) for number in range(9)])
    failing(monkeypatch, [4])
    place = f"{records[4].topic}/{records[4].partition}@4"
    with pytest.raises(MigrationRefused, match=rf"processed {place}, .*\(ValueError: nobody expects this\)"):
        Rebuild(settings(), scratch, ()).take(records)


def test_so_does_one_that_is_larger_than_topics_take_by_now(scratch: Scratch) -> None:
    """The limit was lowered since."""
    large = raw(("order.created", {"id": "o-1", "note": "x" * 200_000}))
    with pytest.raises(MigrationRefused, match="raise BRIDGE_INGRESS_MAX_BODY_BYTES"):
        Rebuild(settings(ingress_max_body_bytes=100_000), scratch, ()).take(large)


def test_a_late_record_on_which_this_version_fails_is_put_aside_and_no_other(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker has processed it: it goes where a worker would have put it, for a replay."""
    failing(monkeypatch, [4])
    records = raw(*[("order.created", {"id": f"o-{number}"}) for number in range(9)])
    topics = Counter(write.topic for write in Rebuild(settings(), scratch, ()).take_late(records))
    assert (topics["newstore.orders.v1"], topics["newstore.quarantine.v1"]) == (8, 1)


def test_a_version_that_fails_on_too_many_late_ones_is_told_so(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = raw(*[("order.created", {"id": f"o-{number}"}) for number in range(40)])
    failing(monkeypatch, range(40))
    with pytest.raises(MigrationRefused, match="fails on too many records"):
        late(Rebuild(settings(), scratch, ()), records)


def fails_on(monkeypatch: pytest.MonkeyPatch, ids: Sequence[str]) -> None:
    """Have the handler of orders fail on all events of these orders."""

    def fail(value: bytes, headers: Any) -> Any:
        fact = fact_of(value, headers)
        if fact is not None and fact.order_id in ids:
            raise KeyError("a field")
        return fact

    monkeypatch.setattr(agent, "fact_of", fail)


@pytest.mark.parametrize("broken", [1, 9])
def test_an_order_is_one_failure_however_many_events_it_has(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    """A worker put the events aside, each among other orders' events. Here they come one after the other, and no
    earlier version could have ended what had been announced."""
    ids = [f"o-{number}" for number in range(broken)]
    events = [("order.items_on_hold", {"id": each, "items": [{"id": f"i-{n}"}]}) for each in ids for n in range(60)]
    rebuild = Rebuild(settings(partitions=1), scratch, ())
    take(rebuild, raw(*events, ("order.created", {"id": "o-whole"})))
    fails_on(monkeypatch, ids)
    assert sum(rebuild.fold()) == len(events) + 1
    assert {len(row.facts) for (order, _), row in orders(scratch).items() if order == "o-whole"} == {1}
    assert {len(row.unprocessed) for (order, _), row in orders(scratch).items() if order != "o-whole"} == {50}


def test_a_version_that_fails_on_too_many_orders_is_told_so(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"o-{number}" for number in range(20)]
    rebuild = Rebuild(settings(partitions=1), scratch, ())
    take(rebuild, raw(*[("order.created", {"id": each}) for each in ids]))
    fails_on(monkeypatch, ids)
    with pytest.raises(MigrationRefused, match="fails on too many orders; o-18 is the last one"):
        sum(rebuild.fold())


def test_every_partition_knows_since_when_there_are_records(scratch: Scratch) -> None:
    Rebuild(settings(), scratch, ()).keep_beginning(1_700_000_000_000, 5)
    kept = scratch.get_many(Kind.ORDERS, [placed(BEGAN, number) for number in range(6)])
    assert {untimed(row or b"") for row in kept} == {(5, b"1700000000000")}
