"""Reads fetched batches by the compiled codec, which does not take the headers of records apart.

aiokafka's own code still handles batches, checksums, compression and aborted transactions.
"""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.structs import TopicPartition

from processors.engine.chunk import size_of
from processors.engine.records import compiled

_TAKEN_BYTES: Final = 8 << 20
"""Bytes of values after which one call takes no further batch: a fetch is bounded in compressed bytes only."""


class UnreadableError(CorruptRecordException):
    """What was fetched of a partition cannot be read. Records given out of other partitions at the same time are lost
    with it: whoever catches this places all of them anew."""

    def __init__(self, tp: TopicPartition, position: int, error: Exception) -> None:
        """``position``: what comes before it was given out."""
        super().__init__(f"{error!r}")
        self.tp, self.position, self.reason = tp, position, error


def use_compiled_codec() -> None:
    """Use the codec, if it was compiled, for every consumer of this process; none has deserializers. Idempotent.

    Call it before any consumer is made: our classes cannot give out what upstream's have fetched. With either codec
    ``UnreadableError`` tells which partition cannot be read.
    """
    if compiled is not None:
        fetcher.MemoryRecords, fetcher.PartitionRecords = _Batches, _BatchesOfPartition
    fetcher.FetchResult.getall = _telling(_UPSTREAMS_GETALL if compiled is None else _getall)


_UPSTREAMS_GETALL: Final = fetcher.FetchResult.getall

_DECODERS: Final = {
    _DefaultRecordBatchPy.CODEC_GZIP: "gzip_decode",
    _DefaultRecordBatchPy.CODEC_SNAPPY: "snappy_decode",
    _DefaultRecordBatchPy.CODEC_LZ4: "lz4_decode",
    _DefaultRecordBatchPy.CODEC_ZSTD: "zstd_decode",
}


class _Batch(_DefaultRecordBatchPy):
    """A batch of message format 2. Iterating it gives the codec's records; ``next`` is upstream's, for control
    batches."""

    def __init__(self, buffer: memoryview, tp: TopicPartition) -> None:
        super().__init__(buffer)
        self._tp = tp

    def __iter__(self) -> Any:
        append_timestamp = self.max_timestamp if self.timestamp_type == self.LOG_APPEND_TIME else None
        times = self.first_timestamp, append_timestamp
        topic, partition = self._tp
        return compiled.Reader(topic, partition, self.base_offset, *times, self._data(), self._num_records)

    def _data(self) -> memoryview | bytes:
        """The records, not compressed. Upstream copies them once more."""
        packed = memoryview(self._buffer)[self._pos :]
        if self.compression_type == self.CODEC_NONE:
            return packed
        self._assert_has_codec(self.compression_type)
        decode = getattr(default_records, _DECODERS[self.compression_type])  # each time: one may have been replaced
        data: bytes = decode(packed.tobytes())
        return data


class _Batches(_MemoryRecordsPy):
    """As upstream, with our class for batches of format 2."""

    tp: TopicPartition

    def next_batch(self) -> Any:
        """The next batch; None: there is none. CorruptRecordException: it is too short."""
        found = self._next_slice
        if found is None or len(found) < self.MIN_SLICE or found[self.MAGIC_OFFSET] < 2:
            return super().next_batch()
        self._cache_next()
        return _Batch(found, self.tp)


class _BatchesOfPartition(fetcher.PartitionRecords):
    """What one fetch brought of a partition: as upstream, but read a list at a time."""

    def __init__(self, tp: TopicPartition, records: _Batches, *args: Any) -> None:
        super().__init__(tp, records, *args)
        # A generator that refers to us would keep a dropped fetch until the next garbage collection.
        self._records_iterator = None
        records.tp = tp
        self.next_fetch_offset: int
        self._batch: Any = None
        self._left = iter(list[Any]())
        self.failure: BaseException | None = None
        """What the next call of ``take`` raises."""
        self.is_taken = False
        """Whether there are no more records."""

    def __next__(self) -> Any:
        for record in self.take(1):
            return record
        raise StopIteration

    def take(self, most: int) -> list[Any]:
        """The next records: at most so many, and no further batch once they have ``_TAKEN_BYTES``. Any exception: they
        and what is behind them cannot be read until fetched again."""
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        taken, size = list[Any](), 0
        while (room := most - len(taken)) > 0 and size < _TAKEN_BYTES:
            try:
                found = [*islice(self._left, room)]
                if not found and not self._begin_next():
                    self.is_taken = True
                    break
            except BaseException as error:  # the iterator would go on behind a batch that cannot be unpacked
                self._records, self._batch, self._left = _Batches(b""), None, iter(())
                if not taken:
                    raise
                self.failure = error.with_traceback(None)
                break
            if found and found[0].offset < self.next_fetch_offset:  # a batch comes whole, even if it begins before
                found = [record for record in found if record.offset >= self.next_fetch_offset]
            if found:
                taken += found
                size += size_of(found)
                self.next_fetch_offset = found[-1].offset + 1
        return taken

    def _begin_next(self) -> bool:
        """Unpack the next batch, if there is one."""
        if self._batch is not None:
            self.next_fetch_offset = self._batch.next_offset  # behind records that are gone, too
        self._batch = batch = self._next_batch()
        if batch is None:
            return False
        self._left = iter(batch) if isinstance(batch, _Batch) else _of_older_format(self._tp, batch)
        return True

    def _next_batch(self) -> Any:
        """The next batch whose records count: as upstream's ``_unpack_records``, without what it does with each
        record."""
        while self._records.has_next():
            batch = self._records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            if self._isolation_level == fetcher.READ_COMMITTED and batch.producer_id is not None:
                self._consume_aborted_up_to(batch.base_offset)
                if batch.is_control_batch and self._contains_abort_marker(batch):
                    self._aborted_producers.discard(batch.producer_id)
                if batch.is_transactional and batch.producer_id in self._aborted_producers:
                    self.next_fetch_offset = batch.next_offset
                    continue
            if not batch.is_control_batch:
                return batch
            self.next_fetch_offset = batch.next_offset
        return None


def _of_older_format(tp: TopicPartition, batch: Any) -> Iterator[Any]:
    topic, partition = tp
    for each in batch:  # records of these formats have no headers
        times = each.timestamp, each.timestamp_type
        yield compiled.Record(topic, partition, each.offset, *times, each.key, each.value, ())


def _getall(self: Any, max_records: int | None = None) -> list[Any]:
    """``FetchResult.getall``, a list at a time."""
    if not self.check_assignment(self._topic_partition) or not self.has_more():
        return []
    most = sys.maxsize if max_records is None else max_records
    records: _BatchesOfPartition = self._partition_records
    found = records.take(most)
    self._update_position()
    if records.is_taken:
        self._partition_records = None
    return found


def _telling(getall: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def told(self: Any, max_records: int | None = None) -> list[Any]:
        try:
            return getall(self, max_records)
        except MemoryError:
            raise  # what was fetched is not to blame
        except Exception as error:
            tp = self._topic_partition
            raise UnreadableError(tp, self._assignment.state_value(tp).position, error) from error

    return told
