"""Codecs of record batches as fast as they can be, in place of aiokafka's own.

aiokafka compresses gzip at level 9 with zlib and lz4 at level 9: a batch of 64 webhooks takes 24 and 13 µs a record,
against 1.8 with snappy. Intel's ISA-L makes gzip in 2.0 µs, a third smaller than snappy, and reads it in 1.5; lz4 at
level 1 takes 1.8. Any reader of gzip and of lz4 frames takes both.
"""

from typing import Any

from aiokafka import codec
from aiokafka.record import _crecords, default_records
from isal import igzip, isal_zlib


def use_fast_codecs() -> None:
    """For every producer and consumer of this process. Idempotent."""
    for module in (_crecords.default_records, default_records):
        module.gzip_encode, module.gzip_decode = gzip_encode, gzip_decode
        module.lz4_encode = lz4_encode


def gzip_encode(payload: bytes) -> bytes:
    """Return one gzip member, at ISA-L's level 2 of 3: level 1 costs the same, level 3 twice that."""
    return igzip.compress(payload, compresslevel=2)


def gzip_decode(payload: Any) -> bytes:
    """Return what gzip members, one behind the other, hold; any buffer. OSError, EOFError: they are none, or not whole.

    Other producers may write such batches as they like; what is silently left out would be lost.
    """
    member = isal_zlib.decompressobj(wbits=31)
    try:
        unpacked: bytes = member.decompress(payload)
    except isal_zlib.error:  # type: ignore[misc]  # the stub takes the class for one of its instances
        unpacked = b""
    if not member.eof or member.unused_data:  # it is no member, or one of several: that reader tells
        unpacked = igzip.decompress(payload)  # type: ignore[no-untyped-call]
    return unpacked


def lz4_encode(payload: bytes) -> bytes:
    """Return one lz4 frame of independent blocks, as Kafka wants it."""
    framed: bytes = codec.lz4_encode(payload, level=1)
    return framed
