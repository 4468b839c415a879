"""Kafka's key hash: downstream joins rely on the same partitions from every client."""

from aiokafka.partitioner import murmur2 as byte_by_byte
from hypothesis import given
from hypothesis import strategies as st

from bridge.murmur2 import murmur2


@given(st.binary(max_size=300))
def test_it_is_the_hash_that_aiokafka_takes_from_the_java_client(data: bytes) -> None:
    assert murmur2(data) == byte_by_byte(data) & 0xFFFFFFFF


def test_vectors_of_the_java_client() -> None:
    """From Apache Kafka's UtilsTest.testMurmur2."""
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-long-string") == -985981536 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-longer-string") == -1486304829 & 0xFFFFFFFF
    assert murmur2(b"abc") == 479470107
