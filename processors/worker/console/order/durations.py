"""Durations and instants for people."""

from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def lasting(duration: timedelta) -> str:
    """Return a duration in its largest unit: `4 s`, `21 min`, `3 d`; less than a second in milliseconds."""
    seconds = duration.total_seconds()
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{sign}{int(seconds // size):,} {unit}"
    return f"{sign}{int(seconds)} s" if seconds >= 1 else f"{sign}{round(seconds * 1000)} ms"


def day_and_time(instant: str) -> str:
    """Return an instant of the document as `01 Jan 2026 00:04:20`, UTC."""
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%d %b %Y %H:%M:%S")
