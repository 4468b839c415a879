"""Which partition keeps what Kafka knows of a group, by the group's name."""

import pytest

from tests.programs.chaos.cluster import java_hash


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        ("", 0),
        ("a", 97),
        ("chaos-1000.bridge.v1", 1_386_286_622),
        ("chaos-1001.bridge.v1", 410_664_737),  # -410,664,737: its magnitude counts, not its lower 31 bits
        ("polygenelubricants", 0),  # -2,147,483,648 has no magnitude
    ],
)
def test_the_hash_is_the_one_of_java(text: str, hashed: int) -> None:
    assert java_hash(text) == hashed
