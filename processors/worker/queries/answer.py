"""An answer: plain data, whoever it goes to, and over whatever it came here."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

import orjson

from schemas.instant import rfc3339_millis

RETRY_S: Final = 1
"""Seconds after which a question that cannot be answered now is worth asking again."""
HALTED_RETRY_S: Final = 10
"""Where a lane is halted: it looks again itself no sooner (`engine.attempts`), and mostly waits for somebody."""


@dataclass(frozen=True)
class Answer:
    """`content` is the JSON document; of a `status` other than 200 a problem document (RFC 9457).

    `etag` is that of the document without what changes with every answer (`applied`, `read_to`, `as_of`); None for
    problems. `retry_after`, in seconds, is there where the status is 503.
    """

    status: int
    content: bytes
    etag: str | None = None
    retry_after: int | None = None

    @cached_property
    def body(self) -> dict[str, Any]:
        """The document."""
        found: dict[str, Any] = orjson.loads(self.content)
        return found

    @property
    def applied(self) -> dict[str, int] | None:
        """By raw partition, up to which offset raw is in the answer; see docs/queries.md."""
        return self.body.get("applied")

    @property
    def as_of(self) -> str | None:
        """When it was made, RFC 3339."""
        return self.body.get("as_of")

    def told_with(self, progress: "Progress") -> "Answer":
        """A problem that says of itself what other answers do: what is not there may not have been read yet."""
        return replace(self, content=orjson.dumps(self.body | _said(progress)))


@dataclass(frozen=True, slots=True)
class Progress:
    """What an answer says of itself. `applied`: by raw partition, the offset up to which every record that belongs to
    what was asked is in the answer. `read_to`: by partition of the orders topic, the offset up to which it was read."""

    applied: Mapping[str, int]
    read_to: Mapping[str, int]


def found(document: Mapping[str, Any] | bytes, progress: Progress) -> Answer:
    """The answer to a question that has one: an object, or its JSON."""
    content = document if isinstance(document, bytes) else orjson.dumps(document)
    said = orjson.dumps(_said(progress))
    etag = f'W/"{blake2b(content, digest_size=16).hexdigest()}"'
    return Answer(200, said[:-1] + b"," + content[1:] if len(content) > 2 else said, etag)


def _said(progress: Progress) -> dict[str, Any]:
    return {"as_of": now(), "applied": progress.applied, "read_to": progress.read_to}


def problem(status: int, title: str, detail: str | None = None, *, retry_s: int = RETRY_S) -> Answer:
    """The answer to a question that has none; `retry_s` is only of a 503."""
    document = {"type": "about:blank", "title": title, "status": status} | ({"detail": detail} if detail else {})
    return Answer(status, orjson.dumps(document), retry_after=retry_s if status == 503 else None)


def now() -> str:
    """The present, RFC 3339 with milliseconds."""
    return rfc3339_millis(time.time_ns() // 1_000_000)
