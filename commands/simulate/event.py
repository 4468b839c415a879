"""One event as NewStore states it, and its webhook body."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from schemas.outcome import Outcome

Json = dict[str, Any]
"""A payload or a part of one."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`kind`: what must become of it, counted over all of them whatever their order of arrival.

    `event`: its name, and `number`: its place in the order of publishing; None where the body is broken. `correction` 0
    is the event's own payload; every other one contradicts it, and all the others, under the same key.
    """

    kind: Outcome
    body: bytes
    event: str | None = None
    number: int | None = None
    correction: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """`moment` is when NewStore publishes it, UTC; `published_at` is the envelope's text, which comes in many shapes.

    `says_id_twice`: a real stream had an object with one key twice; here it is the payload's id, with the same value.
    """

    name: str
    moment: datetime
    published_at: str
    payload: Json
    says_id_twice: bool = False

    def body(self, tenant: str) -> bytes:
        """The webhook body."""
        envelope = {"tenant": tenant, "name": self.name, "published_at": self.published_at, "payload": self.payload}
        body = orjson.dumps(envelope)
        if not self.says_id_twice:
            return body
        return body.replace(b'"payload":{', b'"payload":{"id":' + orjson.dumps(self.payload["id"]) + b",", 1)
