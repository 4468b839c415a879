"""An answer as plain data, for the HTTP API and the console, whether made here or by another worker."""

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
"""The same where a lane is halted: it tries again no sooner (`engine.attempts`), and mostly waits for somebody."""


@dataclass(frozen=True)
class Answer:
    """`content` is the JSON document; for a `status` other than 200, a problem document (RFC 9457).

    `etag` leaves out what changes with every answer (`applied`, `read_to`, `as_of`); problems have none. A 503 has
    `retry_after`, in seconds.
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
        """By raw partition, the offset up to which raw is in the answer; see docs/queries.md."""
        return self.body.get("applied")

    @property
    def as_of(self) -> str | None:
        """When the answer was made, RFC 3339."""
        return self.body.get("as_of")

    def told_with(self, progress: "Progress") -> "Answer":
        """This problem with `as_of`, `applied` and `read_to`: what is not there may not have been read yet."""
        return replace(self, content=orjson.dumps(self.body | _said(progress)))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come. `applied`: by raw partition, the offset up to which the answer has every record that
    concerns the question. `read_to`: by partition of the orders topic, the offset up to which it was read."""

    applied: Mapping[str, int]
    read_to: Mapping[str, int]


def found(document: Mapping[str, Any] | bytes, progress: Progress) -> Answer:
    """The 200 with this document, an object or its JSON."""
    content = document if isinstance(document, bytes) else orjson.dumps(document)
    said = orjson.dumps(_said(progress))
    etag = f'W/"{blake2b(content, digest_size=16).hexdigest()}"'
    return Answer(200, said[:-1] + b"," + content[1:] if len(content) > 2 else said, etag)


def _said(progress: Progress) -> dict[str, Any]:
    return {"as_of": now(), "applied": progress.applied, "read_to": progress.read_to}


def problem(status: int, title: str, detail: str | None = None, *, retry_s: int = RETRY_S) -> Answer:
    """The answer that is a problem; only a 503 uses `retry_s`."""
    document = {"type": "about:blank", "title": title, "status": status} | ({"detail": detail} if detail else {})
    return Answer(status, orjson.dumps(document), retry_after=retry_s if status == 503 else None)


def now() -> str:
    """The present, RFC 3339 with milliseconds."""
    return rfc3339_millis(time.time_ns() // 1_000_000)
