"""A record of the conflicts or the quarantine topic, and what can be done with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, Self

from aiokafka import TopicPartition

from bridge.intake import NewRecord
from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import Record, Source
from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.keytable import KeyTable


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as it was kept; `raw_bodies` replaces stubs by bodies. `timestamp`: when the bridge received the body,
    in milliseconds."""

    place: Source
    timestamp: int
    key: bytes | None
    body: bytes
    headers: Mapping[str, bytes]

    @classmethod
    def of(cls, record: Record) -> Self:
        """From a consumed record. A header without a value, which Kafka allows, becomes empty."""
        place, headers = Source(record.partition, record.offset), {name: value or b"" for name, value in record.headers}
        return cls(place, record.timestamp, record.key, record.value or b"", headers)

    def text(self, header: str) -> str:
        """A header's text; empty if there is none."""
        return self.headers.get(header, b"").decode("utf-8", "backslashreplace")

    def event(self) -> str | None:
        """The event's name; None if the body is no envelope."""
        if self.key is not None:
            return self.key.decode("utf-8", "backslashreplace")
        try:
            return read_envelope(self.body).name
        except InvalidEnvelope:
            return None


class State(StrEnum):
    """What can be done with a kept record: publish it again (`open`), or why it cannot be published."""

    OPEN = "open"
    PUBLISHED = "published"
    REFUSED = "refused"
    STUB = "stub"
    CLEANED = "cleaned"
    PASSED_ON = "passed_on"
    OTHER_RULES = "other_rules"
    TOO_OLD = "too_old"


MAYBE_PUBLISHED: Final = frozenset({State.OPEN, State.REFUSED})
"""For these states, only raw tells whether a record was published: the size limit may be lower than it was then."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A kept record's state; `detail` says more. `raw`: the raw record that an open record becomes. A record that is
    too large by now has one, too, as it may have been published before."""

    state: State
    detail: str = ""
    raw: NewRecord | None = None

    def homes(self, counts: Collection[int]) -> frozenset[TopicPartition]:
        """The partitions of raw where the copy may lie. `counts`: all partition counts that there have been, because a
        migration does not move old copies."""
        if self.raw is None or self.raw.key is None:
            return frozenset()
        return frozenset(TopicPartition(self.raw.topic, partition_for(self.raw.key, count)) for count in counts)


class Shelf(Protocol):
    """One of the two topics. `header`: in a raw record made from a kept one, this header has the kept one's place."""

    @property
    def topic(self) -> str:
        """The topic's name."""

    @property
    def header(self) -> str:
        """The header's name."""

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Judgement:
        """What can be done with a record now, by the key rules in force. Whether it was published is not known here."""
