"""The batches that a lane writes: by the compiled codec if there is one, else by aiokafka's."""

from typing import Any, Final, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record import default_records
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from processors.engine.records import Headers, RecordHeaders, compiled

_ENCODERS: Final = {
    _DefaultRecordBatchBuilderPy.CODEC_GZIP: "gzip_encode",
    _DefaultRecordBatchBuilderPy.CODEC_SNAPPY: "snappy_encode",
    _DefaultRecordBatchBuilderPy.CODEC_LZ4: "lz4_encode",
    _DefaultRecordBatchBuilderPy.CODEC_ZSTD: "zstd_encode",
}


class Batch(Protocol):
    """Records that are written together."""

    def add(
        self,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        carried: RecordHeaders | None = None,
    ) -> int:
        """Append a record with the headers of ``carried``, if there is one, and ``headers`` behind them.

        Returns its bytes; 0: the batch is full. An empty one takes a record of any size.
        """


def batch_of(producer: AIOKafkaProducer) -> Batch:
    """An empty ``Batch`` for ``send_batch`` of this transactional producer."""
    accumulator = producer._message_accumulator
    return new_batch(accumulator._batch_size, accumulator._compression_type)


def new_batch(max_bytes: int, compression_type: int) -> Batch:
    """An empty ``Batch`` for any transactional producer; ``compression_type`` as a batch's attributes have it."""
    batch = _PlainBatch if compiled is None else _CompiledBatch
    return batch(max_bytes, compression_type, is_transactional=True)


class _PlainBatch(BatchBuilder):
    def add(
        self,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        carried: RecordHeaders | None = None,
    ) -> int:
        """See ``Batch``."""
        every = headers if carried is None else [*carried.headers, *headers]
        appended = self.append(timestamp=timestamp, key=key, value=value, headers=every)
        return 0 if appended is None else int(appended.size)


class _CompiledBatch(BatchBuilder):
    def __init__(self, batch_size: int, compression_type: int, *, is_transactional: bool) -> None:
        super().__init__(batch_size, compression_type, is_transactional=is_transactional)
        self._builder = _Builder(2, compression_type, is_transactional, -1, -1, 0, batch_size)
        self._writer = self._builder.writer
        self.add = self._writer.add
        """See ``Batch``."""

    def close(self) -> None:
        """As upstream."""
        super().close()
        self._writer.close()

    def record_count(self) -> int:
        """As upstream."""
        return self._writer.count

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        """As upstream, which wants its own class."""
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


class _Builder(_DefaultRecordBatchBuilderPy):
    """As upstream, which compresses and writes the header, with records that the codec has encoded."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.writer = compiled.Writer(self._batch_size, len(self._buffer))

    def size(self) -> int:
        """As upstream."""
        return self.writer.size

    def build(self) -> bytearray:
        """The batch as it is sent."""
        writer = self.writer
        self._first_timestamp, self._max_timestamp = writer.first_timestamp, writer.max_timestamp
        self._num_records, self._last_offset = writer.count, writer.count - 1
        data = writer.joined()
        packed = self._packed(data)
        self._buffer += data if packed is None else packed
        self._write_header(packed is not None)
        built: bytearray = self._buffer
        return built

    def _packed(self, data: bytes) -> bytes | None:
        """``data`` compressed; None: it is not to be, or gets no smaller. Upstream copies it three times."""
        if self._compression_type == self.CODEC_NONE:
            return None
        self._assert_has_codec(self._compression_type)
        encode = getattr(default_records, _ENCODERS[self._compression_type])  # each time: one may have been replaced
        packed: bytes = encode(data)
        return packed if len(packed) < len(data) else None
