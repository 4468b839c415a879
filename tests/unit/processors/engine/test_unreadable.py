"""A fetch that can be read in part: what comes before the rest is given out, and nothing is passed over."""

import pytest
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.record import _crecords, default_records
from aiokafka.record.memory_records import MemoryRecords

from processors.engine.overrides.fetching import UnreadableError, _Batches, _BatchesOfPartition, _getall, _telling
from processors.engine.records import compiled
from tests.unit.processors.engine.test_records import TP, Partition, Sent, Written, log_of

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(compiled is None, reason="no C compiler was here: aiokafka's classes are used"),
]


def test_a_batch_that_cannot_be_unpacked_is_never_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again after the error, the fetch gives out nothing behind that batch, and the batch is fetched anew."""

    def fails(_packed: bytes) -> bytes:
        raise OSError("what lies here is no gzip")

    plain = Sent([Written(1, b"key", b"value", [])], 0, -1, False, False, None, 0)
    log = log_of([plain, plain._replace(records=[Written(2, b"key", b"value" * 99, [])], codec=1), plain], 0)
    for module in (default_records, _crecords.default_records):
        monkeypatch.setattr(module, "gzip_decode", fails)
    for kinds in ((PartitionRecords, MemoryRecords, FetchResult.getall), (_BatchesOfPartition, _Batches, _getall)):
        partition = Partition(log, *kinds)
        assert len(partition.piece(1)) == 1
        with pytest.raises(OSError, match="no gzip"):
            partition.piece(1)
        assert (partition.piece(1), partition.position, partition.result.has_more()) == ([], 1, False)


def test_what_comes_before_a_batch_that_cannot_be_read_is_given_out_first() -> None:
    """Those records are processed, and the error has the partition and position."""
    sent = Sent([Written(1, b"key", b"value", [])], 0, -1, False, False, None, 0)
    log = bytearray(log_of([sent] * 3, 0))
    log[-1] ^= 1
    partition = Partition(bytes(log), _BatchesOfPartition, _Batches, _telling(_getall))
    assert len(partition.piece(None)) == 2
    assert partition.result.has_more()
    with pytest.raises(UnreadableError, match="Invalid CRC") as told:
        partition.piece(None)
    assert (told.value.tp, told.value.position) == (TP, 2)
    assert (partition.piece(None), partition.position, partition.result.has_more()) == ([], 2, False)
