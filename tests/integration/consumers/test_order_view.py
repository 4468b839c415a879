"""The order view never has anything but the latest committed states, whatever happens to it."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.kafka import LocalKafka
from schemas.topics import Topics
from tests.integration.consumers.planned import biggest_state, order_states
from tests.integration.consumers.programs import Examples, Runner
from tests.integration.consumers.transactions import Transactions
from tests.integration.waiting import wait_until
from tests.programs.checker.record import Record

BEHIND_MARKERS = 10  # transactions; the last one is aborted, so partitions end with aborted records and a marker


@pytest.fixture
def states(kafka: LocalKafka, topics: Topics) -> Transactions:
    """Writes to the order-state topic."""
    return Transactions(kafka.bootstrap_servers, topics.order_state, order_states())


def latest(records: Iterable[Record]) -> dict[str, str]:
    """The last value of each key, unless it is a tombstone."""
    last = {(record.key or b"").decode(): record.value for record in records}
    return {key: value.decode() for key, value in last.items() if value is not None}


def test_killed_in_the_middle_it_is_where_it_says_and_goes_on_from_there(
    examples: Examples, runner: Runner, states: Transactions, tmp_path: Path
) -> None:
    """At every moment, the last one included, its orders are exactly those of its positions."""
    store, view = tmp_path / "store", examples.stores.view
    states.write(BEHIND_MARKERS)
    first = runner.order_view(examples, store)
    assert first.caught_up() == (len(latest(states.committed)), len(states.committed))
    wait_until("all is stored", lambda: view(store).orders == latest(states.committed))
    seen = [view(store)]

    def it_has_moved_by_hundreds() -> bool:
        seen.append(view(store))
        return sum(seen[-1].positions.values()) > sum(seen[0].positions.values()) + 500

    with states.flowing():
        wait_until("it follows", it_has_moved_by_hundreds)
        first.kill()
    left = view(store)
    for moment in [*seen, left]:
        assert moment.orders == latest(states.behind(moment.positions))
    states.write_one(biggest_state())
    states.write(BEHIND_MARKERS)
    second = runner.order_view(examples, store)
    orders, records = second.caught_up()
    assert 0 < records == len(states.ahead(left.positions)) < len(states.committed)
    assert orders == len(latest(states.committed))
    wait_until("all is stored", lambda: view(store).orders == latest(states.committed))


def test_a_view_that_was_away_for_too_long_begins_anew(
    examples: Examples, runner: Runner, states: Transactions, tmp_path: Path
) -> None:
    """Kafka no longer tells that some orders were deleted: here those that a reader of uncommitted records has got."""
    store, view = tmp_path / "store", examples.stores.view
    states.write(BEHIND_MARKERS)
    wrong = runner.order_view(examples.changed("read_committed", "read_uncommitted", tmp_path), store)
    everything = sorted([*states.committed, *states.aborted], key=lambda record: (record.partition, record.offset))
    assert wrong.caught_up() == (len(latest(everything)), len(everything))
    wait_until("all is stored", lambda: view(store).orders == latest(everything) != latest(states.committed))
    wrong.kill()
    examples.stores.age(store)
    right = runner.order_view(examples, store)
    assert right.caught_up() == (len(latest(states.committed)), len(states.committed))
    wait_until("all is stored", lambda: view(store).orders == latest(states.committed))


def test_an_order_that_moved_to_another_partition_is_there_once_in_whatever_order_partitions_are_read(
    examples: Examples, runner: Runner, kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    """`bridge topics migrate` deletes an order from the old partition and writes it to the new one. A reader takes one
    partition after the other, so here one order moves in each direction."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    for order, old, new in (("a", 0, 1), ("b", 1, 0)):
        for partition, state in ((old, b"then"), (old, None), (new, b"now")):
            producer.produce(topics.order_state, state, key=order, partition=partition)
    assert producer.flush(30) == 0
    store = tmp_path / "store"
    assert runner.order_view(examples, store).caught_up() == (2, 6)
    wait_until("all is stored", lambda: examples.stores.view(store).orders == {"a": "now", "b": "now"})
