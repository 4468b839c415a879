"""One event as NewStore states it, and its webhook body."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Event:
    """`moment` is when it happened, UTC; `published_at` is the envelope's text, which comes in many shapes."""

    name: str
    moment: datetime
    published_at: str
    payload: dict[str, Any]

    def body(self, tenant: str) -> bytes:
        """The webhook body."""
        return orjson.dumps(
            {
                "tenant": tenant,
                "name": self.name,
                "published_at": self.published_at,
                "payload": self.payload,
            }
        )


def new_event(rng: Random, name: str, moment: datetime, payload: dict[str, Any]) -> Event:
    """One in ten has a `published_at` with one of the oddities that real streams show."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond // 1000:03d}"
    odd = (f"{text}{rng.randrange(10**6):06d}Z", text, f" {text}Z ")
    return Event(name, moment, rng.choice(odd) if rng.random() < 0.1 else f"{text}Z", payload)


def new_id(rng: Random) -> str:
    """A UUID out of the seed."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def money(cents: int) -> int | float:
    """An amount as NewStore writes it: whole ones as integers, others as decimals."""
    return cents // 100 if cents % 100 == 0 else cents / 100
