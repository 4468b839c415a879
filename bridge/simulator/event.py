"""One event as NewStore states it, and its webhook body."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

Json = dict[str, Any]
"""A payload or a part of one."""


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
