"""What retention deleted in some topics is no fault of what is left in others."""

import pytest
from aiokafka.structs import TopicPartition

from bridge.settings import Settings
from schemas.instant import rfc3339_millis
from tests.unit.commands.verify.records import body
from tests.unit.commands.verify.retention import DAY, NOW, Headers, Logs


def event(name: str, order: str, time_ms: int) -> bytes:
    return body(name, {"id": order}, rfc3339_millis(time_ms))


def of_raw(name: str, order: str, source: str) -> Headers:
    return [("bridge_source", source.encode()), ("ce_id", f"acme/{name}/{order}".encode())]


def refused(settings: Settings, source: str) -> Headers:
    partition, offset = source.encode().split(b":")
    return [
        ("bridge_error_reason", b"handler_failed"),
        ("bridge_error_topic", settings.topics.raw.encode()),
        ("bridge_error_partition", partition),
        ("bridge_error_offset", offset),
    ]


async def test_the_replay_of_a_refused_record_from_before_the_low_watermark_is_the_first_of_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings, logs = Settings(tenant="acme", partitions=1), Logs()
    topics, before, later = settings.topics, NOW - 32 * DAY, NOW - 29 * DAY
    old, failed = event("order.opened", "o1", before), event("order.opened", "o2", before)
    source = logs.write(topics.raw, old, before)
    logs.write(topics.orders, old, before, b"o1", of_raw("order.opened", "o1", source))
    logs.write(topics.quarantine, failed, before, headers=refused(settings, logs.write(topics.raw, failed, before)))
    source = logs.write(topics.raw, failed, later)
    logs.write(topics.orders, failed, later, b"o2", of_raw("order.opened", "o2", source))
    for order in (b"o1", b"o2"):
        logs.write(topics.order_state, b"{}", later, order)
    assert (await logs.ledger(monkeypatch, settings)).balanced
    logs.delete_before(topics.orders, 1)
    found = await logs.ledger(monkeypatch, settings)
    assert (found.faults, found.before_watermark, found.raw) == ({}, 2, 1)


async def test_a_duplicate_of_what_was_deleted_of_the_time_before_a_migration_is_no_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The partition that the migration added begins at offset 0, and says nothing of it."""
    settings, logs = Settings(tenant="acme", partitions=2), Logs()
    raw, before, later = settings.topics.raw, NOW - 401 * DAY, NOW - 20 * DAY
    logs.write(raw, event("order.opened", "o1", before), before)
    new = event("order.created", "o2", later)
    source = logs.write(raw, new, later)
    logs.write(settings.topics.orders, new, later, b"o2", of_raw("order.created", "o2", source))
    logs.write(settings.topics.order_state, b"{}", later, b"o2")
    logs.write(raw, event("order.opened", "o1", before), later, to=1)
    assert (await logs.ledger(monkeypatch, settings, (1,))).balanced
    logs.delete_before(raw, 1)
    found = await logs.ledger(monkeypatch, settings, (1,))
    assert (found.faults, found.before_migration, found.raw) == ({}, 0, 2)


class Deleting(Logs):
    """Logs of which retention deletes a topic's first records as soon as its partition 0 is sought."""

    def __init__(self, topic: str, records: int) -> None:
        super().__init__()
        self._topic, self._deleted = topic, records

    def seek(self, partition: TopicPartition, offset: int) -> None:
        super().seek(partition, offset)
        if partition == TopicPartition(self._topic, 0):
            self.delete_before(self._topic, self._deleted)


@pytest.mark.parametrize("topic", ["newstore.raw.v1", "newstore.orders.v1", "newstore.order-state.v1"])
async def test_what_is_deleted_while_others_are_read_ends_nothing_and_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    """The command ended with OFFSET_OUT_OF_RANGE and without a ledger, whenever it was run at that hour."""
    settings, logs, before = Settings(tenant="acme", partitions=1), Deleting(topic, 1), NOW - 20 * DAY
    for number, name in enumerate(("order.opened", "order.created")):
        new = event(name, "o1", before + number)
        source = logs.write(settings.topics.raw, new, before + number)
        logs.write(settings.topics.orders, new, before + number, b"o1", of_raw(name, "o1", source))
    # A duplicate of a first record that may have been deleted.
    logs.write(settings.topics.raw, event("order.opened", "o1", before), before + 2)
    for state in (b"{}", b'{"version":2}'):
        logs.write(settings.topics.order_state, state, before + 2, b"o1")
    found = await logs.ledger(monkeypatch, settings)
    assert (found.faults, found.balanced) == ({}, True)
    assert found.raw == (3 if "order-state" in topic else 2)


@pytest.mark.parametrize("topic", ["newstore.raw.v1", "newstore.orders.v1"])
async def test_where_retention_leaves_nothing_meanwhile_that_is_no_fault_either(
    monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    """No record was left to tell since when the partition is whole: all that it had counted as lost."""
    settings, logs, before = Settings(tenant="acme", partitions=1), Deleting(topic, 2), NOW - 30 * DAY - 10
    for number, name in enumerate(("order.opened", "order.created")):
        new = event(name, "o1", before + number)
        source = logs.write(settings.topics.raw, new, before + number)
        logs.write(settings.topics.orders, new, before + number, b"o1", of_raw(name, "o1", source))
    logs.write(settings.topics.order_state, b"{}", before + 2, b"o1")
    found = await logs.ledger(monkeypatch, settings)
    assert (found.faults, found.balanced) == ({}, True)
