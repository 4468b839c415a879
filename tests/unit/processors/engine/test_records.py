"""The compiled codec against aiokafka's classes: both read the same records from the same bytes, and write the same
bytes."""

import gc
import struct
import weakref
from typing import Any, Final, NamedTuple

import pytest
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import ConsumerRecord, TopicPartition
from hypothesis import assume, given
from hypothesis import strategies as st

from processors.engine.overrides.batches import _CompiledBatch, _PlainBatch
from processors.engine.overrides.fetching import _Batches, _BatchesOfPartition, _getall
from processors.engine.records import compiled, values_of

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(compiled is None, reason="no C compiler was here: aiokafka's classes are used"),
]

TP: Final = TopicPartition("raw", 3)
CODECS: Final = range(5)  # none, gzip, snappy, lz4, zstd
APPEND_TIME, CONTROL = 1 << 3, 1 << 5
_ATTRIBUTES, _LAST_OFFSET_DELTA, _MAX_TIMESTAMP, _RECORDS = 21, 23, 35, 61

TEXTS = st.sampled_from(["ce_id", "ce_type", "ä", "name" * 40]) | st.text(max_size=3)
BYTES = st.none() | st.binary(max_size=200)


class Written(NamedTuple):
    """A record as builders take it."""

    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, Any]]


class Sent(NamedTuple):
    """A batch as the log has it. ``aborts``: it is an abort marker. ``gap``: how many offsets behind it are gone."""

    records: list[Written]
    codec: int
    producer: int
    is_transactional: bool
    aborts: bool
    append_time: int | None
    gap: int


RECORDS = st.lists(
    st.builds(Written, st.integers(-2, 1 << 45), BYTES, BYTES, st.lists(st.tuples(TEXTS, BYTES), max_size=15)),
    min_size=1,
    max_size=6,
)
BATCHES = st.builds(
    Sent,
    RECORDS,
    st.sampled_from(CODECS),
    st.integers(-1, 2),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(0, 1 << 45),
    st.integers(0, 2),
)


def log_of(batches: list[Sent], first_offset: int) -> bytes:
    """The batches one after the other, as a broker sends them."""
    log, offset = b"", first_offset
    for batch in batches:
        one = batch_bytes(batch, offset)
        offset += struct.unpack_from(">i", one, _LAST_OFFSET_DELTA)[0] + 1
        log += one
    return log


def batch_bytes(batch: Sent, offset: int) -> bytes:
    """The batch as aiokafka writes it, with fields that only a broker writes."""
    records = [Written(0, b"\0\0\0\0", b"\0" * 6, [])] if batch.aborts else batch.records
    builder = BatchBuilder(1 << 20, 0 if batch.aborts else batch.codec, is_transactional=batch.is_transactional)
    for record in records:
        builder.append(**record._asdict())
    builder._set_producer_state(batch.producer, 0, 0)
    found = bytearray(builder._build())
    (attributes,) = struct.unpack_from(">h", found, _ATTRIBUTES)
    if batch.append_time is not None:
        attributes |= APPEND_TIME
        struct.pack_into(">q", found, _MAX_TIMESTAMP, batch.append_time)
    if batch.aborts:
        attributes |= CONTROL | 1 << 4
    struct.pack_into(">h", found, _ATTRIBUTES, attributes)
    struct.pack_into(">i", found, _LAST_OFFSET_DELTA, len(records) - 1 + batch.gap)
    return checked(found, offset)


def checked(batch: bytearray, offset: int) -> bytes:
    """The batch with its offset in the log and its checksum."""
    struct.pack_into(">q", batch, 0, offset)
    struct.pack_into(">I", batch, 17, calc_crc32c(batch[_ATTRIBUTES:]))
    return bytes(batch)


def read(
    log: bytes, aborted: list[tuple[int, int]], start: int, committed: int, ours: bool, most: int = 1
) -> tuple[Any, ...]:
    """The records, the offset to go on from, and the type of the error that ended the reading. ``most``: records at
    once."""
    batches, memory = (_BatchesOfPartition, _Batches) if ours else (PartitionRecords, MemoryRecords)
    partition = batches(TP, memory(log), list(aborted), start, None, None, True, committed)
    found, error = list[tuple[Any, ...]](), None
    try:
        for records in iter(lambda: partition.take(most), []) if ours else ([record] for record in partition):
            found.extend(told(record) for record in records)
    except Exception as raised:  # noqa: BLE001 - compared
        error = type(raised)
    return found, partition.next_fetch_offset, error


def told(record: Any) -> tuple[Any, ...]:
    """All fields that anybody reads of a record."""
    kind = record.timestamp_type if record.timestamp is not None else None
    what = record.topic, record.partition, record.offset, record.timestamp, kind, record.key, record.value
    return *what, record.headers


@given(
    st.lists(BATCHES, min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), max_size=3),
    st.integers(0, 4),
    st.integers(0, 1),
    st.integers(1, 9),
)
def test_a_log_reads_as_aiokafka_reads_it(
    batches: list[Sent], aborted: list[tuple[int, int]], start: int, isolation: int, most: int
) -> None:
    """Compressed or not, of transactions or not, aborted or not, with markers, gaps and the broker's time."""
    log = log_of(batches, 0)
    upstream, ours = (read(log, aborted, start, isolation, ours=ours, most=most) for ours in (False, True))
    assert ours == upstream


@given(st.lists(BATCHES, min_size=1, max_size=3), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_a_fetch_is_given_out_in_pieces_as_aiokafka_does(batches: list[Sent], pieces: list[int]) -> None:
    """Each piece, the position behind it, and whether there may be more."""
    log = log_of(batches, 0)
    upstream = Partition(log, PartitionRecords, MemoryRecords, FetchResult.getall)
    ours = Partition(log, _BatchesOfPartition, _Batches, _getall)
    for most in [*pieces, None]:
        if upstream.result.has_more():
            assert ours.piece(most) == upstream.piece(most)
        assert (ours.position, ours.result.has_more()) == (upstream.position, upstream.result.has_more())


@pytest.mark.parametrize("most", [None, 1])
@pytest.mark.parametrize("codec", [0, 1])
def test_a_fetch_that_was_read_or_dropped_is_free_at_once(codec: int, most: int | None) -> None:
    """Workers seldom collect garbage, and a fetch may have megabytes."""
    log = log_of([Sent([Written(1, b"key", b"value" * 99, [])], codec, -1, False, False, None, 0)] * 2, 0)
    partition = Partition(log, _BatchesOfPartition, _Batches, _getall)
    fetched = weakref.ref(partition.result._partition_records)
    gc.disable()
    try:
        assert len(partition.piece(most)) == (most or 2)
        if most is not None:
            del partition.result
        assert fetched() is None
    finally:
        gc.enable()


class Partition:
    """A stand-in for aiokafka's state of an assigned partition."""

    active, paused = True, False

    def __init__(self, log: bytes, batches: Any, memory: Any, getall: Any) -> None:
        self.position = 0
        records = batches(TP, memory(log), [], 0, None, None, True, 1)
        self.result = FetchResult(TP, assignment=self, partition_records=records, backoff=0)
        self._getall = getall

    def state_value(self, _tp: Any) -> Any:
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position

    def piece(self, most: int | None) -> list[Any]:
        return [told(record) for record in self._getall(self.result, most)]


def test_what_a_fetch_has_packed_well_is_given_out_a_few_megabytes_at_a_time() -> None:
    """The fetch has 160 kB, its values 160 MiB. Small values come before the large ones."""
    rows = [[Written(1, b"small", b"x", [])] * 99] + [[Written(1, b"large", b"x" * (4 << 20), [])] for _ in range(40)]
    partition = Partition(
        log_of([Sent(each, 1, -1, False, False, None, 0) for each in rows], 0), _BatchesOfPartition, _Batches, _getall
    )
    sizes = list[int]()
    while partition.result.has_more():
        sizes.append(sum(len(value) for *_, value, _headers in partition.piece(5_000)))
    assert max(sizes) < 13 << 20
    assert sum(sizes) == 99 + 40 * (4 << 20)


@given(RECORDS, st.data())
def test_what_aiokafka_does_not_read_is_not_read(records: list[Written], data: st.DataObject) -> None:
    """One byte of the records is wrong, or some are missing at the end. The checksum is right all the same."""
    batch = bytearray(batch_bytes(Sent(records, 0, -1, False, False, None, 0), 0))
    place = data.draw(st.integers(_RECORDS, len(batch) - 1))
    batch[place] = data.draw(st.integers(0, 255))
    del batch[len(batch) - data.draw(st.integers(0, 3)) :]
    assume(batch[-1] < 0x80)  # if a number goes on behind the end, aiokafka reads a byte that is not there
    struct.pack_into(">i", batch, 8, len(batch) - 12)
    log = checked(batch, 0)
    upstream, ours = (read(log, [], 0, 1, ours=ours) for ours in (False, True))
    assert ours[:2] == upstream[:2]
    assert (ours[2] is None) == (upstream[2] is None)


@pytest.mark.parametrize("magic", [0, 1])
def test_batches_of_older_formats_are_read_as_before(magic: int) -> None:
    builder = LegacyRecordBatchBuilder(magic, 0, 1 << 20)
    for offset, key in enumerate((b"a", None, b"b")):
        builder.append(offset, 1_000 + offset, key, b"value")
    log = bytes(builder.build())
    assert read(log, [], 0, 1, ours=True) == read(log, [], 0, 1, ours=False)
    assert len(read(log, [], 0, 1, ours=True)[0]) == 3


@given(RECORDS, st.integers(70, 600))
def test_a_batch_has_the_bytes_that_aiokafka_writes(records: list[Written], most: int) -> None:
    """Both are full at the same record."""
    records = [each._replace(timestamp=abs(each.timestamp)) for each in records]  # aiokafka takes -1 for "none so far"
    plain, ours = (kind(most, 0, is_transactional=True) for kind in (_PlainBatch, _CompiledBatch))
    assert [ours.add(*record) for record in records] == [plain.add(*record) for record in records]
    assert (ours.size(), ours.record_count()) == (plain.size(), plain.record_count())
    for batch in (plain, ours):
        batch._set_producer_state(7, 1, 2)
    assert bytes(ours._build()) == bytes(plain._build())
    assert (ours.size(), ours.record_count()) == (plain.size(), plain.record_count())


@pytest.mark.parametrize("codec", CODECS)
def test_a_compressed_batch_is_read_by_aiokafka(codec: int) -> None:
    batch = _CompiledBatch(1 << 20, codec, is_transactional=False)
    for number in range(100):
        batch.add(1_000 - number, b"key", b"value" * number, [("a", b"1")])
    log = bytes(batch._build())
    assert (len(log) < 10_000) == (codec > 0)
    records, _, error = read(log, [], 0, 1, ours=False)
    assert error is None
    assert [told[3:6:2] for told in records] == [(1_000 - number, b"key") for number in range(100)]
    assert [len(told[6]) for told in records] == [5 * number for number in range(100)]
    assert read(log, [], 0, 1, ours=True)[0] == records


@given(RECORDS, st.lists(st.tuples(TEXTS, BYTES), max_size=3))
def test_headers_that_are_carried_on_are_those_that_were_read(records: list[Written], more: list[Any]) -> None:
    """Other headers follow them, in one record after the other."""
    log = log_of([Sent(records, 0, -1, False, False, None, 0)], 0)
    carried = list(_BatchesOfPartition(TP, _Batches(log), [], 0, None, None, True, 1))
    records = [each._replace(timestamp=abs(each.timestamp)) for each in records]
    plain, ours = (kind(1 << 20, 0, is_transactional=False) for kind in (_PlainBatch, _CompiledBatch))
    for record, each in zip(records, carried, strict=True):
        plain.append(**record._replace(headers=[*record.headers, *more])._asdict())
        ours.add(record.timestamp, record.key, record.value, more, each)
    assert bytes(ours._build()) == bytes(plain._build())


@given(RECORDS, st.lists(TEXTS, max_size=4))
def test_values_are_found_by_name(records: list[Written], names: list[str]) -> None:
    """If a name is there twice, the last value counts, whoever has read the record."""
    log = log_of([Sent(records, 0, -1, False, False, None, 0)], 0)
    for record in _BatchesOfPartition(TP, _Batches(log), [], 0, None, None, True, 1):
        found = dict(record.headers)
        wanted = dict.fromkeys(names)
        upstream = ConsumerRecord(*TP, 0, 0, 0, None, None, None, -1, -1, record.headers)
        assert values_of(record, tuple(wanted)) == tuple(found.get(name) for name in wanted)
        assert values_of(upstream, tuple(wanted)) == tuple(found.get(name) for name in wanted)


def test_headers_of_another_origin_are_carried_on_too() -> None:
    """An event has other headers if they were computed anew."""
    upstream = ConsumerRecord(*TP, 0, 0, 0, None, None, None, -1, -1, (("a", b"1"), ("b", None)))
    plain, ours = (kind(1 << 20, 0, is_transactional=False) for kind in (_PlainBatch, _CompiledBatch))
    for batch in (plain, ours):
        batch.add(5, b"key", b"value", [("c", b"")], upstream)
    assert bytes(ours._build()) == bytes(plain._build())
