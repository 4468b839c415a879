"""Kafka's key hash: downstream joins need the same partitions from every client."""

import pytest
from aiokafka.partitioner import murmur2 as byte_by_byte
from hypothesis import given
from hypothesis import strategies as st

from bridge.kafka.partitioner import hash_of, murmur2, murmur2_many, partition_for, partitions_for

HOMES = {key: (byte_by_byte(key) & 0x7FFFFFFF) % 7 for key in (b"%d" % number * 3 for number in range(100))}


@given(st.binary(max_size=300))
def test_it_is_the_hash_that_aiokafka_takes_from_the_java_client(data: bytes) -> None:
    assert murmur2(data) == byte_by_byte(data) & 0xFFFFFFFF


@given(st.binary(max_size=300))
def test_compiled_it_is_the_same(data: bytes) -> None:
    """`hash_of` is compiled only where there was a C compiler."""
    assert hash_of(data) == murmur2(data)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_one_key_and_many_go_to_the_same_partitions(is_compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_compiled:
        monkeypatch.setattr("bridge.kafka.partitioner.compiled", None)
        monkeypatch.setattr("bridge.kafka.partitioner.hash_of", murmur2)
    keys = [b"%d" % number * 3 for number in range(100)]
    partition_for.cache_clear()
    assert partitions_for(keys, 7) == {key: partition_for(key, 7) for key in keys} == HOMES


@given(st.lists(st.binary(max_size=50), max_size=60))
def test_many_keys_at_once_have_the_same_hashes(keys: list[bytes]) -> None:
    """Of mixed lengths: keys of one length share the lanes of one number."""
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
