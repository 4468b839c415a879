"""Instants: the one spelling of `published_at` that keys, `ce_time` and the order of facts rely on."""

import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from schemas.exact_json import canonical


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Stands for a `published_at` that the body does not have, which counts as null."""

_RAW: Final = "raw-"
_DATE_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?", re.ASCII
)
_FRACTION_DIGITS: Final = 9
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant_of(published_at: object) -> str:
    """Return `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, the fraction cut to nine digits and freed of trailing zeros.

    A string is taken as a date-time if it looks like RFC 3339 once trimmed; the `T` may be a blank, the zone's colon
    and minutes may be missing, and no zone means UTC. Everything else (no such day, a leap second, a year
    outside 1 to 9999 in UTC, no string) gives `raw-` and 16 hex digits of the value's hash.
    """
    return (_date_time(published_at) if isinstance(published_at, str) else None) or _raw(published_at)


def is_time(instant: str) -> bool:
    """Say whether `instant` is a point in time, as opposed to `raw-...`."""
    return not instant.startswith(_RAW)


def sort_key(instant: str) -> str:
    """Return what to sort instants by: text order is time order only without the `Z`; no time sorts first."""
    return instant[:-1] if is_time(instant) else ""


def rfc3339_millis(epoch_ms: int) -> str:
    """Write milliseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    seconds, millis = divmod(epoch_ms, 1000)
    return f"{_whole_second(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=16)
def _whole_second(epoch_s: int) -> str:
    return (_EPOCH + timedelta(seconds=epoch_s)).isoformat()[:19]


def _date_time(text: str) -> str | None:
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None:
        return None
    date, time, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}")
        if sign is not None:
            moment -= _offset(sign, int(hours), int(minutes or 0))
    except (ValueError, OverflowError):
        return None
    digits = fraction[:_FRACTION_DIGITS].rstrip("0") if fraction else ""
    return f"{moment.isoformat()}.{digits}Z" if digits else f"{moment.isoformat()}Z"


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    if hours > 23 or minutes > 59:
        raise ValueError("an offset is less than a day, its minutes less than an hour")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if sign == "-" else offset


def _raw(published_at: object) -> str:
    value = None if published_at is ABSENT else published_at
    return _RAW + blake2b(canonical(value)).hexdigest()[:16]
