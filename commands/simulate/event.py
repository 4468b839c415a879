"""An event as NewStore sends it, and its webhook body."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from schemas.outcome import Outcome

Json = dict[str, Any]
"""A payload or a part of it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`kind`: its expected outcome. Only totals by kind are certain, as arrivals come in any order.

    `event`: its name; `number`: its place in publishing order; both None if the body is broken. `correction`: 0 is the
    event's own payload; each other one contradicts it and all others under the same key.
    """

    kind: Outcome
    body: bytes
    event: str | None = None
    number: int | None = None
    correction: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """`moment`: when NewStore publishes it, UTC; `published_at`: the envelope's text, in various forms.

    `says_id_twice`: the payload has its id twice, with the same value, as an object in a real stream had a key twice.
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
