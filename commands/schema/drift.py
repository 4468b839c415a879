"""What the events of a topic have that their models do not, added up in bounded memory."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from schemas.event_shape import shape_of
from schemas.models.deviations import Deviation, Kind

_MOST_ROWS: Final = 10_000
_MOST_NAMES: Final = 1_000
_MAX_NAME: Final = 200
_MAX_EXAMPLE: Final = 60
_OTHER: Final = "other"

_Key = tuple[str, str, Kind, str | None]


@dataclass(slots=True)
class Found:
    """One deviation of one event: how many events have it, and the first of them, `<partition>:<offset>`.

    `example` is the start of the JSON that stands there, empty for what is missing.
    """

    event: str
    field: str
    kind: Kind
    count: int
    example: str
    first_seen: str
    first_time: int


class Drift:
    """Adds up deviations; beyond `most_rows` kinds of them, and a thousand event names, they become `other`."""

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        self.events: Counter[str] = Counter()
        """Events by name."""
        self._most_rows = most_rows
        self._rows: dict[_Key, Found] = {}

    @property
    def records(self) -> int:
        """How many were added."""
        return self.events.total()

    @property
    def rows(self) -> list[Found]:
        """By event and field."""
        return sorted(self._rows.values(), key=lambda row: (row.event, row.field, row.kind, row.example))

    @property
    def deviates(self) -> bool:
        """Whether anything differs that NewStore has published."""
        return any(row.kind is not Kind.UNDOCUMENTED_FIELD for row in self._rows.values())

    def share(self, row: Found) -> float:
        """How many of the row's events have it, from 0 to 1."""
        return row.count / self.events[row.event]

    def add(self, body: bytes, source: str, timestamp: int) -> None:
        """Add a record's value; `timestamp` decides which one is the first, whatever the order of reading."""
        name, deviations = shape_of(body)
        event = self._event(_spelled(name))
        self.events[event] += 1
        for deviation in deviations:
            self._add(event, deviation, source, timestamp)

    def _event(self, name: str) -> str:
        return name if name in self.events or len(self.events) < _MOST_NAMES else _OTHER

    def _add(self, event: str, deviation: Deviation, source: str, timestamp: int) -> None:
        field, kind, value = deviation
        key: _Key = (event, field, kind, _shortened(value) if kind is Kind.NEW_VALUE else None)
        row = self._rows.get(key)
        if row is None and len(self._rows) >= self._most_rows:
            key = (event, _OTHER, kind, None)
            row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Found(event, key[1], kind, 0, "", source, timestamp)
        if row.count == 0 or timestamp < row.first_time:
            row.first_seen, row.first_time = source, timestamp
            row.example = "" if kind is Kind.MISSING else _shortened(value)
        row.count += 1


def _spelled(name: str) -> str:
    """An event's name, which the sender chose, without anything that could command a terminal or be no UTF-8."""
    name = name[:_MAX_NAME]
    return name if name.isascii() and name.isprintable() else json.dumps(name)


def _shortened(value: Any) -> str:
    text = json.dumps(value, default=str)  # in ASCII: nothing in it can command a terminal
    return text if len(text) <= _MAX_EXAMPLE else f"{text[: _MAX_EXAMPLE - 3]}..."
