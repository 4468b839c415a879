"""Kafka's default partitioner, from its Java source (org.apache.kafka.common.utils.Utils.murmur2)."""

_MASK = 0xFFFFFFFF
_M = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """32-bit hash, as an unsigned number."""
    hashed = (0x9747B28C ^ len(data)) & _MASK
    whole = len(data) - len(data) % 4
    for start in range(0, whole, 4):
        block = int.from_bytes(data[start : start + 4], "little") * _M & _MASK
        hashed = (hashed * _M & _MASK) ^ ((block ^ block >> 24) * _M & _MASK)
    if rest := data[whole:]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * _M & _MASK
    hashed = (hashed ^ hashed >> 13) * _M & _MASK
    return hashed ^ hashed >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that every Kafka client with default settings chooses for a key."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
