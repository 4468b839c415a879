"""A running ingress and the two topics behind it: each accepted body must be in exactly one of them, byte for byte."""

import http.client
import json
import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from confluent_kafka import Consumer, Message, TopicPartition

from schemas.topics import Topics
from tests.fuzz.calls import LIMIT, Call
from tests.integration.ingress.topic import bounds
from tests.integration.waiting import PATIENCE

CONNECTIONS: Final = 8
_PATIENCE_S: Final = 30.0


class Target:
    """`check` sends calls at the same time. `bodies`: how many were sent. `answers`: how often each status came."""

    def __init__(self, port: int, bootstrap_servers: str, topics: Topics) -> None:
        self._port, self._topics = port, topics
        self._sockets: list[socket.socket | None] = []
        self._consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "none", "fetch.wait.max.ms": 50})
        self.bodies, self.answers = 0, Counter[int]()
        self._reset()

    def check(self, calls: Sequence[Call]) -> None:
        """AssertionError: the call's answer is not documented, or a body is not where it must be."""
        try:
            self._check(calls)
        except BaseException:
            self._reset()
            raise

    def _check(self, calls: Sequence[Call]) -> None:
        answers = self._answers(calls)
        self.bodies += len(calls)
        self.answers.update(answers)
        expected = [_status(call) for call in calls]
        records = self._records(sum(status in {200, 400} for status in answers))
        self._stored += len(records)
        assert answers == expected, f"answered {answers}, not {expected}"
        kept = Counter(message.value() for message in records if not _is_stub(message))
        assert kept == Counter(call.body for call, status in zip(calls, answers, strict=True) if status == 200)
        stubs = [json.loads(message.value())["size"] for message in records if _is_stub(message)]
        assert len(stubs) == answers.count(400)
        assert all(size > LIMIT for size in stubs)

    def finish(self) -> None:
        """AssertionError: something was stored that was not seen: a body twice, or later."""
        before = sum(self._ends.values())
        assert sum(self._watermarks().values()) - before == self._stored

    def close(self) -> None:
        """Close connections and consumer."""
        self._reset()
        self._consumer.close()

    def _reset(self) -> None:
        """Forget what is under way: after a failure it says nothing about the next calls."""
        for each in filter(None, self._sockets):
            each.close()
        self._sockets = [None] * CONNECTIONS
        self._ends, self._stored = self._watermarks(), 0
        self._consumer.assign([TopicPartition(*place, end) for place, end in self._ends.items()])

    def _answers(self, calls: Sequence[Call]) -> list[int]:
        assert len(calls) <= CONNECTIONS
        for place, call in enumerate(calls):
            self._socket(place).sendall(call.wire())
        return [self._answer(place) for place in range(len(calls))]

    def _socket(self, place: int) -> socket.socket:
        found = self._sockets[place]
        if found is None:
            found = self._sockets[place] = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE_S)
        return found

    def _answer(self, place: int) -> int:
        connection = self._socket(place)
        with http.client.HTTPResponse(connection, method="POST") as response:
            response.begin()
            response.read()
            if response.will_close or response.status != 200:  # it is then open whether the body was read
                connection.close()
                self._sockets[place] = None
            return response.status

    def _records(self, count: int) -> list[Message]:
        records: list[Message] = []
        while len(records) < count:
            message = self._consumer.poll(_PATIENCE_S)
            assert message is not None, f"{count - len(records)} of {count} accepted bodies are lost"
            assert message.error() is None, message.error()
            records.append(message)
        return records

    def _watermarks(self) -> dict[tuple[str, int], int]:
        return {
            (topic, partition): bounds(self._consumer, TopicPartition(topic, partition))[1]
            for topic in (self._topics.raw, self._topics.quarantine)
            for partition in self._consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
        }


@contextmanager
def target(port: int, environment: Mapping[str, str]) -> Iterator[Target]:
    """The ingress at a port, with its `environment`."""
    servers, prefix = environment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"], environment["BRIDGE_TOPIC_PREFIX"]
    found = Target(port, servers, Topics(prefix))
    try:
        yield found
        found.finish()
    finally:
        found.close()


def _status(call: Call) -> int:
    if not call.admitted:
        return 401
    return 200 if len(call.body) <= LIMIT else 400


def _is_stub(message: Message) -> bool:
    return dict(message.headers() or []).get("bridge_error_reason") == (b"too_large")
