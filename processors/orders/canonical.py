"""The order in which an order's facts happened, whatever order they arrived in: each fact's place as one text.

A place is `<instant><US><rank><event><US><key><US><payload hash>`. Places sort as the contract says: by instant of
`published_at`, rank, event name, key string, payload hash. The text behind the first US is the fact's identity. An
event's name may hold any character, even US, so places are taken apart from both ends.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from schemas.instant import sort_key

_SEPARATOR: Final = "\x1f"
"""Sorts before everything that instants, names and keys have."""

_RANKED: Final[tuple[tuple[str, ...], ...]] = (
    ("order.created",),
    ("payment_account.amount_authorized",),
    ("order.items_swapped",),
    ("order.opened",),
    ("fulfillment_request.assigned",),
    ("order.serial_numbers_added",),
    ("fulfillment_request.items_ready_for_handover",),
    ("fulfillment_request.items_failed",),
    ("order.items_on_hold",),
    ("fulfillment_request.items_completed", "order.shipped"),
    ("order.items_cancelled",),
    ("invoice.created",),
    ("payment_account.amount_captured", "payment_account.amount_voided"),
    ("order.cancelled", "order.completed"),
    ("return.processed", "refund_request.issued"),
    ("payment_account.amount_refunded",),
)

RANK: Final[Mapping[str, int]] = {event: rank for rank, events in enumerate(_RANKED, start=1) for event in events}
"""Which of two events of the same instant came first; unknown names come last."""

UNKNOWN_RANK: Final = len(_RANKED) + 1

Place = str


class Parts(NamedTuple):
    """The parts of a place; `published_at` is None if it was no time."""

    published_at: str | None
    event: str
    key: str
    payload_hash: str


def place_of(instant: str, event: str, key: str, payload_hash: str) -> Place:
    """Return the place of a fact; `payload_hash` separates only facts that conflict."""
    rank = RANK.get(event, UNKNOWN_RANK)
    return f"{sort_key(instant)}{_SEPARATOR}{rank:02d}{event}{_SEPARATOR}{key}{_SEPARATOR}{payload_hash}"


def identity_of(place: Place) -> str:
    """Return what tells a fact from others; it is the same whatever `published_at` says."""
    return place.partition(_SEPARATOR)[2]


def key_of(place: Place) -> str:
    """Return the identity without the payload: facts that share it conflict."""
    return identity_of(place).rpartition(_SEPARATOR)[0]


def key_string_of(place: Place) -> str:
    """Return the event's key string."""
    return place.rsplit(_SEPARATOR, 2)[1]


def event_of(place: Place) -> str:
    """Return the event's name."""
    return identity_of(place).rsplit(_SEPARATOR, 2)[0][2:]


def instant_of(place: Place) -> str:
    """Return the instant as places have it, empty if it was no time."""
    return place.partition(_SEPARATOR)[0]


def published_at_of(place: Place) -> str | None:
    """Return `published_at`, None if that was no time."""
    instant = instant_of(place)
    return f"{instant}Z" if instant else None


def parts_of(place: Place) -> Parts:
    """Take a place apart."""
    parts = place.split(_SEPARATOR)
    if len(parts) == 4:
        instant, event, key, payload_hash = parts
    else:  # an event's name may have any character
        instant, _, identity = place.partition(_SEPARATOR)
        event, key, payload_hash = identity.rsplit(_SEPARATOR, 2)
    return Parts(f"{instant}Z" if instant else None, event[2:], key, payload_hash)
