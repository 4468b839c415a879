"""A record as the checker sees it, and the raw record that it says it comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

TopicPartition = tuple[str, int]
_SOURCE = re.compile(r"(\d+):(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """`headers`: of two with one name the last counts. `timestamp`: milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict)
    timestamp: int = 0

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"

    @property
    def source(self) -> "Source":
        """What outputs made of this record must name as their source."""
        return Source(self.partition, self.offset)

    def header(self, name: str) -> str | None:
        """The header as text; None if there is none."""
        value = self.headers.get(name)
        return None if value is None else value.decode()


class Source(NamedTuple):
    """The place of a record in raw, as text `<partition>:<offset>`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


def source_of(record: Record) -> Source | None:
    """The raw record that an output names as its source; None if it names none."""
    given = record.header("bridge_source")
    if given is None:  # quarantine
        given = f"{record.header('bridge_error_partition')}:{record.header('bridge_error_offset')}"
    match = _SOURCE.fullmatch(given)
    return Source(int(match[1]), int(match[2])) if match else None
