"""All outputs in the topics, each kept as 16 bytes under the raw record that it names as its source."""

from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

from bridge.kafka.reading import Record, Source
from schemas.acceptance import BACKFILL, INGRESS
from schemas.headers import (
    CE_ID,
    ERROR_OFFSET,
    ERROR_PARTITION,
    ERROR_REASON,
    ERROR_STAGE,
    ERROR_TOPIC,
    SOURCE,
)
from schemas.outcome import Reason
from schemas.topics import Topics

REFUSED: Final = Reason.HANDLER_FAILED.encode()
"""Takes the place of the event id in outputs of records on which a handler failed."""


class Output(NamedTuple):
    """A record that a raw record has led to, or must have. `content`: a digest."""

    topic: str
    content: bytes


def content(key: bytes | None, value: bytes | None, ce_id: bytes = b"") -> bytes:
    """A digest of 16 bytes of a record's key, value and event id."""
    digest = blake2b(digest_size=16)
    for part in (key, value, ce_id):
        digest.update(b"-" if part is None else b"%d:" % len(part))
        digest.update(part or b"")
    return digest.digest()


class Outputs:
    """Outputs are added first, then taken by source; `left` are those that were never taken.

    `by_ingress`, `by_backfill`, `by_others`: quarantined bodies by reason that are no raw records, by the stage that
    refused them. `without_source`: outputs that name no raw record.
    """

    def __init__(self, topics: Topics) -> None:
        self.by_ingress: Counter[str] = Counter()
        self.by_backfill: Counter[str] = Counter()
        self.by_others: Counter[str] = Counter()
        self.without_source: list[Output] = []
        self._topics = topics
        self._evidence = {topics.conflicts, topics.quarantine}
        self._by_stage = {INGRESS: self.by_ingress, BACKFILL: self.by_backfill}
        self._found: dict[Source, tuple[Output, ...]] = {}

    def add(self, record: Record) -> None:
        """Add a record of a cleaned topic, conflicts or quarantine."""
        headers = dict(record.headers)
        if record.topic == self._topics.quarantine and not self._is_of_raw(headers):
            self._count(headers)
            return
        ce_id = b"" if record.topic in self._evidence else headers.get(CE_ID, b"")
        output = Output(record.topic, content(record.key, record.value, _refused(headers) or ce_id))
        source = _source_of(headers)
        if source is None:
            self.without_source.append(output)
            return
        self._found[source] = (*self._found.get(source, ()), output)

    def take(self, source: Source) -> tuple[Output, ...]:
        """Remove and return the outputs of a raw record."""
        return self._found.pop(source, ())

    @property
    def left(self) -> Mapping[Source, tuple[Output, ...]]:
        """Outputs that nobody has taken."""
        return self._found

    def _is_of_raw(self, headers: Mapping[str, bytes]) -> bool:
        return headers.get(ERROR_TOPIC) == self._topics.raw.encode()

    def _count(self, headers: Mapping[str, bytes]) -> None:
        stage = headers.get(ERROR_STAGE, b"").decode(errors="replace")
        counter = self._by_stage.get(stage, self.by_others)
        counter[headers.get(ERROR_REASON, b"unknown").decode(errors="replace")] += 1


def _refused(headers: Mapping[str, bytes]) -> bytes:
    """Marks a record on which a handler failed, to tell it from one that the rules quarantine."""
    return REFUSED if headers.get(ERROR_REASON) == REFUSED else b""


def _source_of(headers: Mapping[str, bytes]) -> Source | None:
    try:
        if ERROR_TOPIC in headers:
            return Source(int(headers[ERROR_PARTITION]), int(headers[ERROR_OFFSET]))
        return Source.parse(headers[SOURCE])
    except (KeyError, ValueError):
        return None
