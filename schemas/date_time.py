"""Reads date-times as NewStore writes them, and writes them in the bridge's one spelling."""

import re
from datetime import datetime, timedelta
from typing import Final

PATTERN: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"
"""What `normalised` returns."""

_DATE_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?", re.ASCII
)
"""Hour 24 is refused, although later Pythons accept it: keys must not depend on that. Blanks between colons and digits
are refused, although a published sample has them: what counts as a time is part of content keys, so accepting them
would be a new canonicalisation."""
_FRACTION_DIGITS: Final = 9


def normalised(text: str) -> str | None:
    """Return `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, None if `text` is no date-time.

    The fraction is cut to nine digits, and loses trailing zeros. The trimmed text must look like RFC 3339, but the `T`
    may be a blank, the zone's colon and minutes may be missing, and no zone means UTC.
    """
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None:
        return None
    date, time, fraction, sign, hours, minutes = match.groups()
    second = f"{date}T{time}"
    try:
        moment = datetime.fromisoformat(second)
        if sign is not None:
            second = (moment - _offset(sign, int(hours), int(minutes or 0))).isoformat()
    except (ValueError, OverflowError):
        return None
    digits = fraction[:_FRACTION_DIGITS].rstrip("0") if fraction else ""
    return f"{second}.{digits}Z" if digits else f"{second}Z"


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    if hours > 23 or minutes > 59:
        raise ValueError("an offset is less than a day, its minutes less than an hour")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if sign == "-" else offset
