"""What kind of id somebody asks about, told by its form. Pure."""

import re
from typing import Final, NamedTuple

from bridge.kafka.reading import Source
from commands.terminal.position import position
from commands.terminal.typed import given_id
from commands.wrong_use import WrongValueError

_TRACE: Final = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?")
_POSITION: Final = re.compile(r".*\d[:@]\d+|.*\.v1/\d+/\d+")
"""Stricter than in commands that take only positions: an external id may hold a slash."""


class At(NamedTuple):
    """A record; `topic` as given, None: raw. An order's id may look like one, so `text` has it as given."""

    topic: str | None
    place: Source
    text: str


class Trace(NamedTuple):
    """All that was delivered in a trace. An order's id may look like one, so `text` has it as given."""

    trace_id: str
    text: str


class EventId(NamedTuple):
    """The event with this `ce_id`, and its name. The id of a conflict that was passed on ends in `~` and a hash. An
    order's id may look like one, with slashes and a dot."""

    ce_id: str
    event: str


class AnyId(NamedTuple):
    """An order's id, or another id by which the order is found."""

    text: str


Asked = At | Trace | EventId | AnyId


def asked(text: str) -> Asked:
    """The kind of an id. WrongValueError: it is empty, or not UTF-8."""
    text = given_id(text)
    bare = text.strip()  # copied ids may come with blanks, but an order's id may have its own
    if found := _TRACE.fullmatch(bare):
        return Trace(found[1], bare)
    if text.count("/") >= 2 and "." in text.split("/")[1]:
        return EventId(text, text.split("/")[1])
    if _POSITION.fullmatch(bare):
        try:
            return At(*position(bare), bare)
        except WrongValueError:
            return AnyId(text)
    return AnyId(text)
