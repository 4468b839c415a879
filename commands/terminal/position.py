"""Positions of records, as people copy them from tools."""

import re
from typing import Final, NamedTuple

from bridge.kafka.reading import Source
from bridge.printable import printable
from commands.wrong_use import WrongValueError

_PLACE: Final = re.compile(r"(\d{1,9}):(\d{1,18})", re.ASCII)
_ANYWHERE: Final = re.compile(r"(?:([A-Za-z0-9._-]+?)[-:/ ])?(\d{1,9})[:/@ ](\d{1,18})", re.ASCII)
_LINE: Final = re.compile(r".*\D.*:\d+")


class GivenPosition(NamedTuple):
    """A record's topic, None if not given, and its place there."""

    topic: str | None
    place: Source


def place(text: str) -> Source:
    """The place in `<partition>:<offset>`. WrongValueError: it is not one."""
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        raise WrongValueError(f"{printable(text)} is no position: write it as <partition>:<offset>, as in 3:557")
    return Source(int(found[1]), int(found[2]))


def position(text: str) -> GivenPosition:
    """A position as the bridge's tools print it, `3:557`, or as others do: `raw:3:557`, `newstore.raw.v1/3/557`,
    `newstore.raw.v1-3@557`. WrongValueError: it is not one."""
    found = _ANYWHERE.fullmatch(text.strip())
    if found is not None:
        return GivenPosition(found[1], Source(int(found[2]), int(found[3])))
    line = "<file>:<line> is a line of an export file, not a record" if _LINE.fullmatch(text) else ""
    raise WrongValueError(f"{printable(text)} is no position: write it as 3:557, or with a topic as raw:3:557", line)
