"""Fast codecs for record batches, in place of aiokafka's own.

aiokafka compresses gzip (with zlib) and lz4 at level 9: in a batch of 64 webhooks, a record takes 24 and 13 µs, against
1.8 with snappy. Intel's ISA-L makes gzip in 2.0 µs, a third smaller than snappy, and reads it in 1.5; lz4 at level 1
takes 1.8. Any reader of gzip and lz4 frames takes both.
"""

from typing import Any

from aiokafka import codec
from aiokafka.record import _crecords, default_records
from isal import igzip, isal_zlib


def use_fast_codecs() -> None:
    """Use them for every producer and consumer of this process. Idempotent."""
    for module in (_crecords.default_records, default_records):
        module.gzip_encode, module.gzip_decode = gzip_encode, gzip_decode
        module.lz4_encode = lz4_encode


def gzip_encode(payload: bytes) -> bytes:
    """Return one gzip member, at ISA-L's level 2 of 3: level 1 costs the same, level 3 twice that."""
    return igzip.compress(payload, compresslevel=2)


def gzip_decode(payload: Any) -> bytes:
    """Return what a buffer of gzip members holds. OSError, EOFError: something in it is no member, or not a whole one.

    Other producers may write several members: what is silently left out would be lost.
    """
    member = isal_zlib.decompressobj(wbits=31)
    try:
        unpacked: bytes = member.decompress(payload)
    except isal_zlib.error:  # type: ignore[misc]  # the stub takes the class for one of its instances
        unpacked = b""
    if not member.eof or member.unused_data:  # no member, or one of several: igzip tells
        unpacked = igzip.decompress(payload)  # type: ignore[no-untyped-call]
    return unpacked


def lz4_encode(payload: bytes) -> bytes:
    """Return one lz4 frame of independent blocks, as Kafka wants it."""
    framed: bytes = codec.lz4_encode(payload, level=1)
    return framed
