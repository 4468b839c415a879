"""Pages of lists that lie in several partitions, each in the order of its places. Pure."""

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

Entry = tuple[bytes, Any]
"""A place, which no other entry of any partition has, and what is there. Lists are in the order of places."""


class Page(NamedTuple):
    """Entries in order: all there are up to and with the place `upto`; None: to the end."""

    entries: Sequence[Entry]
    upto: bytes | None


class BadCursorError(ValueError):
    """Nobody was given it as the next page's place."""


def merged(pages: Iterable[Page], limit: int) -> Page:
    """The first `limit` entries of lists that begin at the same place. Where one of them ends early, so does this."""
    every = list(pages)
    ends = [page.upto for page in every if page.upto is not None]
    upto = min(ends, default=None)
    entries: Iterable[Entry] = heapq.merge(*(page.entries for page in every), key=itemgetter(0))
    if upto is not None:
        entries = takewhile(lambda entry: entry[0] <= upto, entries)
    found = list(islice(entries, limit + 1))
    return Page(found[:limit], found[limit - 1][0]) if len(found) > limit else Page(found, upto)


def kind_of_list(order: str, *which: str) -> str:
    """What cursors of a list begin with: its order, and a digest of which list it is."""
    digest = blake2b("\0".join(which).encode(), digest_size=4).hexdigest()
    return f"{order}-{digest}"


def cursor_of(kind: str, place: bytes | None) -> str | None:
    """What a caller sends back to have the entries behind this place of a list of this kind."""
    return None if place is None else f"{kind}.{urlsafe_b64encode(place).rstrip(b'=').decode()}"


def place_of(kind: str, cursor: str | None) -> bytes:
    """The place in a cursor, before all of them for None. BadCursorError: it is none, or of another list."""
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
