"""Instants: the one spelling of `published_at` that keys, `ce_time` and the order of facts rely on."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from schemas.date_time import normalised
from schemas.exact_json import canonical


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Stands for a `published_at` that the body lacks. It counts as null."""

_RAW: Final = "raw-"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_FIRST_MS: Final = -62_135_596_800_000
_LAST_MS: Final = 253_402_300_799_999
"""The first millisecond of year 1, and the last of year 9999."""


def instant_of(published_at: object) -> str:
    """Return `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, the fraction cut to nine digits, without trailing zeros.

    `date_time.normalised` decides what is a date-time. Everything else (no such day, a leap second, a year
    outside 1 to 9999 in UTC, no string) gives `raw-` and 16 hex digits of the value's hash.
    """
    return (normalised(published_at) if isinstance(published_at, str) else None) or _raw(published_at)


def is_time(instant: str) -> bool:
    """Say whether `instant` is a point in time, and not `raw-...`."""
    return not instant.startswith(_RAW)


def sort_key(instant: str) -> str:
    """Return an instant's sort key, without `Z`: with it, text order is not time order. What is no time sorts first."""
    return instant[:-1] if is_time(instant) else ""


def rfc3339_millis(epoch_ms: int) -> str:
    """Write milliseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.mmmZ`. Times outside the years 1 to 9999 become the nearest
    one inside: Kafka takes any number for a record's time."""
    seconds, millis = divmod(min(max(epoch_ms, _FIRST_MS), _LAST_MS), 1000)
    return f"{_whole_second(seconds)}.{millis:03d}Z"


def epoch_millis(instant: str) -> int:
    """Return an RFC 3339 time as milliseconds since 1970."""
    return (datetime.fromisoformat(instant) - _EPOCH) // _MS


@lru_cache(maxsize=16)
def _whole_second(epoch_s: int) -> str:
    return (_EPOCH + timedelta(seconds=epoch_s)).isoformat()[:19]


def _raw(published_at: object) -> str:
    value = None if published_at is ABSENT else published_at
    return _RAW + blake2b(canonical(value)).hexdigest()[:16]
