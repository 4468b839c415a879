"""Pages of lists whose entries lie in several partitions, in the order of places. Pure."""

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

Entry = tuple[bytes, Any]
"""A place, which no other entry of any partition has, and what is there."""


class Page(NamedTuple):
    """All entries up to and including the place `upto`, in order; None: to the end."""

    entries: Sequence[Entry]
    upto: bytes | None


class BadCursorError(ValueError):
    """The cursor was not given out for this list."""


def merged(pages: Iterable[Page], limit: int) -> Page:
    """The first `limit` entries of pages that begin at the same place. Where one page ends early, so does this."""
    every = list(pages)
    ends = [page.upto for page in every if page.upto is not None]
    upto = min(ends, default=None)
    entries: Iterable[Entry] = heapq.merge(*(page.entries for page in every), key=itemgetter(0))
    if upto is not None:
        entries = takewhile(lambda entry: entry[0] <= upto, entries)
    found = list(islice(entries, limit + 1))
    return Page(found[:limit], found[limit - 1][0]) if len(found) > limit else Page(found, upto)


def kind_of_list(order: str, *which: str) -> str:
    """What a list's cursors begin with: the list's order, and a digest of what identifies the list."""
    digest = blake2b("\0".join(which).encode(), digest_size=4).hexdigest()
    return f"{order}-{digest}"


def cursor_of(kind: str, place: bytes | None) -> str | None:
    """The cursor that a caller sends back to get the entries behind this place; None: there are no more."""
    return None if place is None else f"{kind}.{urlsafe_b64encode(place).rstrip(b'=').decode()}"


def place_of(kind: str, cursor: str | None) -> bytes:
    """The place in a cursor; without a cursor, the place before all others. BadCursorError: it is no cursor, or one of
    another list."""
    if cursor is None:
        return b""
    of, _, text = cursor.partition(".")
    try:
        place = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadCursorError("`after` is no cursor") from error
    if of != kind or cursor_of(kind, place) != cursor or not place:
        raise BadCursorError("`after` is no cursor of this list")
    return place
