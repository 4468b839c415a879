"""What Kafka says of a group's members, as Faust writes it."""

import json

from aiokafka import TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from commands.terminal.members import Member, member_of


def described(user_data: bytes) -> tuple[str, str, str, bytes, bytes]:
    metadata = ConsumerProtocolMemberMetadata(0, ["raw"], user_data).encode()
    return "id", "client", "/10.0.0.1", metadata, ConsumerProtocolMemberAssignment(0, [("raw", [1])], b"").encode()


def test_a_worker_says_where_it_is_and_has_partitions() -> None:
    user_data = json.dumps({"url": "http://worker-0:6066/", "assignment": {}}).encode()
    assert member_of(described(user_data)) == Member("http://worker-0:6066", frozenset({TopicPartition("raw", 1)}))


def test_a_member_of_another_kind_is_one_without_an_address() -> None:
    for user_data in (b"", b"\xff", b"[]", b"{}"):
        assert member_of(described(user_data)).url is None
    assert member_of(("id", "client", "/10.0.0.1", b"", b"")) == Member(None, frozenset())
