"""What the sender means by a body: the only source of truth about which deliveries are the same event."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """One delivery's event.

    `event` is the same for all deliveries of one event. `payload` is the same for all that say the same, however they
    spell it; two payloads of one event are a conflict. `dataset` and `key`: where the cleaned record belongs.
    `key_documented`: NewStore documents the event's key, so a conflict is held back.
    """

    event: str
    payload: int
    dataset: str
    key: str
    order: str | None = None
    key_documented: bool = False


Meanings = Mapping[bytes, Meaning | None]
"""By body. None: the body must not pass (no envelope, or another tenant's)."""
