"""Kafka's key hash: downstream joins rely on the same partitions from every client."""

from aiokafka.partitioner import murmur2 as byte_by_byte
from hypothesis import given
from hypothesis import strategies as st

from bridge.kafka.partitioner import murmur2, murmur2_many


@given(st.binary(max_size=300))
def test_it_is_the_hash_that_aiokafka_takes_from_the_java_client(data: bytes) -> None:
    assert murmur2(data) == byte_by_byte(data) & 0xFFFFFFFF


@given(st.lists(st.binary(max_size=50), max_size=60))
def test_many_keys_at_once_have_the_same_hashes(keys: list[bytes]) -> None:
    """Of any lengths, mixed: those of one length share the lanes of one number."""
    assert murmur2_many(keys) == {key: murmur2(key) for key in keys}


def test_lanes_that_are_full_do_not_touch_each_other() -> None:
    keys = [b"\xff" * 40, b"\x00" * 40, b"\xff" * 39 + b"\x00", b"\x80" * 40, b"\xff" * 37, b"\x00" * 37]
    assert murmur2_many(keys) == {key: murmur2(key) for key in keys}


def test_vectors_of_the_java_client() -> None:
    """From Apache Kafka's UtilsTest.testMurmur2."""
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-long-string") == -985981536 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-longer-string") == -1486304829 & 0xFFFFFFFF
    assert murmur2(b"abc") == 479470107
