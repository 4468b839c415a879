"""Order events: each committed event has its effect once, whatever happens to the consumer."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from schemas.topics import Topics
from tests.integration.consumers.planned import order_events
from tests.integration.consumers.programs import Examples, Runner
from tests.integration.consumers.transactions import Transactions
from tests.integration.waiting import wait_until
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import Record


@pytest.fixture
def events(kafka: LocalKafka, topics: Topics) -> Transactions:
    """Writes to the orders topic."""
    return Transactions(kafka.bootstrap_servers, topics.orders, order_events())


def test_killed_in_the_middle_it_goes_on_from_its_offsets_and_repeats_no_effect(
    examples: Examples, runner: Runner, events: Transactions, reader: TopicReader, prefix: str, tmp_path: Path
) -> None:
    store, stores, topic = tmp_path / "store", examples.stores, f"{prefix}.orders.v1"

    def committed_offsets() -> dict[int, int]:
        return {partition: offset for (_, partition), offset in reader.committed(reader.partitions(topic)).items()}

    def wait_for_effects_of(records: Iterable[Record]) -> None:
        wait_until("all effects", lambda: stores.effects(store) == stores.expected_effects(records))

    events.write(10)
    first = runner.order_events(examples, store, prefix)
    wait_until("it processes", lambda: first.events().count("new") == len(events.committed))
    with events.flowing():
        begin = sum(committed_offsets().values())
        wait_until("it commits", lambda: sum(committed_offsets().values()) > begin + 100)
        first.kill()
    runner.take_over(prefix, topic)
    left = committed_offsets()
    events.write(10)
    second = runner.order_events(examples, store, prefix)
    wait_for_effects_of(events.committed)
    wait_until("it is done", lambda: len(second.events()) >= len(events.ahead(left)))
    second.stop()
    assert len(second.events()) == len(events.ahead(left)) < len(events.committed)

    # Another group gets everything once more and, as it reads uncommitted records, what it should not.
    wrong = examples.changed("read_committed", "read_uncommitted", tmp_path)
    third = runner.order_events(wrong, store, f"{prefix}-again")
    expected = {"again": len(events.committed), "new": len(events.aborted)}
    wait_until("all is read", lambda: Counter(third.events()) == expected, lambda: Counter(third.events()))
    wait_for_effects_of([*events.committed, *events.aborted])
