"""What somebody asks about, told by how it is written. Pure."""

import re
from typing import Final, NamedTuple

from bridge.kafka.reading import Source
from commands.terminal.position import position
from commands.terminal.typed import given_id
from commands.wrong_use import WrongValueError

_TRACE: Final = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?")
_POSITION: Final = re.compile(r".*\d[:@]\d+|.*\.v1/\d+/\d+")
"""Fewer than commands take that are only asked about positions: an external id may have a slash."""


class At(NamedTuple):
    """A record; `topic` as it is named, None: raw."""

    topic: str | None
    place: Source


class Trace(NamedTuple):
    """Whatever was delivered in a trace; or, as an id may be written like one, `text` is that."""

    trace_id: str
    text: str


class EventId(NamedTuple):
    """The event with this `ce_id`, of that name. A passed conflict's has its hash behind `~`. Or it is another id,
    which may have slashes and a dot, too."""

    ce_id: str
    event: str


class AnyId(NamedTuple):
    """An order's id, or one that the order is found by."""

    text: str


Asked = At | Trace | EventId | AnyId


def asked(text: str) -> Asked:
    """Return what an id is. WrongValueError: it is empty, or no UTF-8."""
    text = given_id(text)
    bare = text.strip()  # what is copied may have a blank with it; an id may have one of its own
    if found := _TRACE.fullmatch(bare):
        return Trace(found[1], bare)
    if text.count("/") >= 2 and "." in text.split("/")[1]:
        return EventId(text, text.split("/")[1])
    if _POSITION.fullmatch(bare):
        try:
            return At(*position(bare))
        except WrongValueError:
            return AnyId(text)
    return AnyId(text)
