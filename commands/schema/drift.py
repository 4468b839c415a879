"""Counts what events have that their models do not, in bounded memory."""

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
    """A deviation: how many events have it, and the first of them, as `<partition>:<offset>`.

    `example`: the start of the JSON value, empty if the field is missing.
    """

    event: str
    field: str
    kind: Kind
    count: int
    example: str
    first_seen: str
    first_time: int


class Drift:
    """Counts deviations. Beyond `most_rows` rows or a thousand event names, further ones count as `other`."""

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        self.events: Counter[str] = Counter()
        """Number of events by name."""
        self._most_rows = most_rows
        self._rows: dict[_Key, Found] = {}

    @property
    def records(self) -> int:
        """Number of events added."""
        return self.events.total()

    @property
    def rows(self) -> list[Found]:
        """Rows sorted by event and field."""
        return sorted(self._rows.values(), key=lambda row: (row.event, row.field, row.kind, row.example))

    @property
    def deviates(self) -> bool:
        """Whether any deviation is in what NewStore documents."""
        return any(row.kind is not Kind.UNDOCUMENTED_FIELD for row in self._rows.values())

    def share(self, row: Found) -> float:
        """The share of the row's events that have the deviation, from 0 to 1."""
        return row.count / self.events[row.event]

    def add(self, body: bytes, source: str, timestamp: int) -> None:
        """Add a record's value. The first event is the one with the lowest `timestamp`, whatever the reading order."""
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
    """A name that is safe to print: the sender chose it, so it may hold control characters, or not be UTF-8."""
    name = name[:_MAX_NAME]
    return name if name.isascii() and name.isprintable() else json.dumps(name)


def _shortened(value: Any) -> str:
    text = json.dumps(value, default=str)  # ASCII, so it cannot control a terminal
    return text if len(text) <= _MAX_EXAMPLE else f"{text[: _MAX_EXAMPLE - 3]}..."
