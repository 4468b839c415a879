"""An empty batch that was a transaction's marker: Kafka's log cleaner keeps it as its producer's last one."""

import struct

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords

from bridge.kafka.aiokafka_defects import has_abort_marker
from processors.engine.records import compiled
from tests.unit.processors.engine.test_records import Sent, Written, batch_bytes, checked, read

_HEADER, _LENGTH, _COUNT = 61, 8, 57


def log_with_an_empty_marker() -> bytes:
    data = Sent([Written(1, b"key", b"value", [])], 0, 7, True, False, None, 0)
    marker = bytearray(batch_bytes(data._replace(aborts=True), 1)[:_HEADER])
    struct.pack_into(">i", marker, _LENGTH, _HEADER - _LENGTH - 4)
    struct.pack_into(">i", marker, _COUNT, 0)
    return batch_bytes(data, 0) + checked(marker, 1) + batch_bytes(data, 2)


@pytest.mark.parametrize(
    "ours",
    [False, pytest.param(True, marks=pytest.mark.skipif(compiled is None, reason="aiokafka's classes are used"))],
    ids=["upstream's classes", "ours"],
)
def test_it_is_none_and_hides_nothing(ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartitionRecords, "_contains_abort_marker", has_abort_marker)
    found, next_offset, error = read(log_with_an_empty_marker(), [], 0, READ_COMMITTED, ours)
    assert ([offset for _, _, offset, *_ in found], next_offset, error) == ([0, 2], 3, None)
