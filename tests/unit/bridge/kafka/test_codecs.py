"""Our codecs write and read batches as anybody's gzip and lz4 would."""

import gzip
import os
import zlib

import cramjam
import pytest
from aiokafka.record import _crecords
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from bridge.kafka.codecs import gzip_decode, gzip_encode, lz4_encode, use_fast_codecs

_BODY = b'{"tenant":"demo-tenant","name":"order.opened"}' * 2_000
_HEAD = 61
"""Bytes of a batch before its records."""


@pytest.fixture(autouse=True)
def fast() -> None:
    use_fast_codecs()


def batch_of(codec: int) -> bytes:
    """A batch of one record, by the builder that producers use."""
    builder = DefaultRecordBatchBuilder(
        2, codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=1 << 20
    )
    builder.append(0, timestamp=0, key=b"k", value=_BODY, headers=[])
    return bytes(builder.build())


@pytest.mark.parametrize(("codec", "encode"), [(1, gzip_encode), (3, lz4_encode)])
def test_batches_hold_what_our_codecs_make_of_the_records(codec: int, encode: object) -> None:
    assert callable(encode)
    written = batch_of(codec)
    assert written[_HEAD:] == encode(batch_of(0)[_HEAD:])
    [record] = DefaultRecordBatch(written)
    assert record.value == _BODY


def test_batches_are_read_by_our_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def told(payload: bytes) -> bytes:
        read.append(len(payload))
        return gzip_decode(payload)

    monkeypatch.setattr(_crecords.default_records, "gzip_decode", told)
    written = batch_of(1)
    assert [record.value for record in DefaultRecordBatch(written)] == [_BODY]
    assert read == [len(written) - _HEAD]


@pytest.mark.parametrize("body", [b"", b"x", _BODY, os.urandom(1 << 20)], ids=["empty", "one", "text", "noise"])
def test_everybodys_gzip_reads_ours_and_ours_reads_everybodys(body: bytes) -> None:
    assert gzip.decompress(gzip_encode(body)) == body
    assert gzip_decode(gzip.compress(body)) == body
    assert gzip_decode(memoryview(gzip_encode(body))) == body


def test_no_member_of_a_batch_is_left_out() -> None:
    assert gzip_decode(gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


@pytest.mark.parametrize("place", [0, 100, -8, -1])
def test_what_was_damaged_is_an_error(place: int) -> None:
    """Wherever the damage is, also in checksum and length."""
    damaged = bytearray(gzip_encode(_BODY))
    damaged[place] ^= 0x55
    with pytest.raises((EOFError, OSError, zlib.error)):
        gzip_decode(bytes(damaged))


@pytest.mark.parametrize("cut", [1, 8, 9, 30])
def test_what_is_not_whole_is_an_error(cut: int) -> None:
    with pytest.raises((EOFError, OSError)):
        gzip_decode(gzip_encode(_BODY)[:-cut])


def test_what_has_changed_on_the_way_is_an_error() -> None:
    whole = bytearray(gzip_encode(_BODY))
    whole[-8] ^= 1
    with pytest.raises((OSError, zlib.error)):
        gzip_decode(bytes(whole))


def test_our_lz4_is_a_frame_of_independent_blocks() -> None:
    """Kafka's brokers take no other frames (KIP-57)."""
    framed = lz4_encode(_BODY)
    assert framed[:4] == b"\x04\x22\x4d\x18"
    assert framed[4] >> 5 == 0b011  # version 1, blocks independent
    assert bytes(cramjam.lz4.decompress(framed)) == _BODY
