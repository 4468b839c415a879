"""The checker's own partitioner is Kafka's: the vectors are those of its Java test (UtilsTest.testMurmur2)."""

import pytest

from tests.programs.checker.murmur2 import murmur2


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_murmur2(key: str, hashed: int) -> None:
    assert murmur2(key.encode()) == hashed % 2**32
