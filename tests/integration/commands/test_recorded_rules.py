"""The rules that `bridge topics apply` records, on real Kafka."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer

from bridge.refusals import RulesMismatch, RulesNotRecorded, TopicsRefused
from bridge.rules.rules import Recorded, rules_of
from bridge.rules.topic import check_rules, read_rules, record_rules
from bridge.settings import Settings
from commands.topics.migration.rules_writer import put_in_force, rules_writer
from tests.integration.commands.broker import Broker
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import end_offset
from tests.integration.markers import wait_until_ended
from tests.integration.waiting import PATIENCE

ALL = "read_uncommitted"


@pytest.mark.usefixtures("applied")
def test_apply_records_the_rules_once(bridge: Run, settings: Settings) -> None:
    assert asyncio.run(read_rules(settings)) == Recorded.first(rules_of(settings))
    end = end_offset(settings, settings.topics.rules, 0)
    bridge("topics", "apply", "--yes")
    assert end_offset(settings, settings.topics.rules, 0) == end


def test_apply_records_no_rules_where_a_migration_may_be_half_way(
    bridge: Run, broker: Broker, settings: Settings
) -> None:
    """The second of two partitions has never had a lane."""
    for dataset in ("raw", "dedupe-changelog"):
        broker.create(dataset, 2)
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})
    producer.produce(settings.topics.dedupe_changelog, b"a barrier", partition=0)
    assert producer.flush(PATIENCE) == 0
    result = bridge("topics", "apply", "--yes")
    assert (result.exit_code, "none in its partitions 1," in result.stderr) == (2, True), result.stderr
    assert broker.topics() == {"raw": 2, "dedupe-changelog": 2}


@contextmanager
def unended_transaction(settings: Settings) -> Iterator[None]:
    """In the rules topic, as when Kafka has answered a commit, and not yet ended the transaction in its partition."""
    producer = Producer(
        {"bootstrap.servers": settings.kafka_bootstrap_servers[0], "transactional.id": settings.topic_prefix}
    )
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    producer.produce(settings.topics.rules, b"before it", b"another key", partition=0)
    assert producer.flush(PATIENCE) == 0
    assert end_offset(settings, settings.topics.rules, 0) < end_offset(settings, settings.topics.rules, 0, ALL)
    yield
    producer.abort_transaction(PATIENCE)


def test_apply_is_not_done_before_what_it_recorded_can_be_read(
    bridge: Run, broker: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.create("rules", 1)
    with monkeypatch.context() as impatient, unended_transaction(settings):
        impatient.setattr("commands.topics.readable.PATIENCE_S", 2.0)
        result = bridge("topics", "apply", "--yes")
    assert result.exit_code == 2
    assert "nobody can read them there after 2 s: run this again." in " ".join(result.stderr.split())
    assert bridge("topics", "apply", "--yes").exit_code == 0
    assert asyncio.run(read_rules(settings)) == Recorded.first(rules_of(settings))


@pytest.mark.usefixtures("applied")
async def test_what_is_announced_is_not_acted_upon_before_it_can_be_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From then on services are given their time."""
    monkeypatch.setattr("commands.topics.readable.PATIENCE_S", 2.0)
    announcement = Recorded.first(rules_of(settings)).announcing(rules_of(settings))
    async with rules_writer(settings) as producer:
        with unended_transaction(settings), pytest.raises(RulesNotRecorded):
            await put_in_force(producer, settings, announcement)
        monkeypatch.undo()
        await put_in_force(producer, settings, announcement)
    assert await read_rules(settings) == announcement


@pytest.mark.usefixtures("applied")
def test_a_service_refuses_other_rules_than_the_recorded_ones(settings: Settings) -> None:
    asyncio.run(check_rules(settings))
    other = settings.model_copy(update={"partitions": 4})
    with pytest.raises(RulesMismatch):
        asyncio.run(check_rules(other))


@pytest.mark.usefixtures("applied")
def test_apply_and_check_refuse_another_key_table(bridge: Run, settings: Settings, tmp_path: Path) -> None:
    table = tmp_path / "keys.yaml"
    table.write_text("order.created: {key: [id], content: true, documented: false}\n")
    applied = bridge("topics", "apply", "--yes", idempotency_keys=str(table))
    assert applied.exit_code == 2
    assert "customer.created has the key rule {key: [id], content: false, documented: false}, not" in applied.stderr
    assert "and 21 more" in applied.stderr
    checked = bridge("topics", "check", idempotency_keys=str(table))
    assert checked.exit_code == 1


def test_of_two_that_record_different_rules_at_once_one_wins(broker: Broker, settings: Settings) -> None:
    """A command that succeeds has the rules that are recorded in the end."""
    broker.create("rules", 1)
    other = settings.model_copy(update={"partitions": 4})

    async def both() -> list[Recorded | BaseException]:
        return [*await asyncio.gather(record_rules(settings), record_rules(other), return_exceptions=True)]

    results = asyncio.run(both())
    assert all(isinstance(result, Recorded | TopicsRefused) for result in results)
    successes = [result for result in results if isinstance(result, Recorded)]
    wait_until_ended(*settings.kafka_bootstrap_servers, settings.topics.rules)
    recorded = asyncio.run(read_rules(settings))
    assert successes
    assert all(success == recorded for success in successes)
