"""`published_at` in every spelling, and what is no point in time."""

from tests.integration.oddities.case import Case
from tests.integration.oddities.making import body, cleaned, content_key, event, raw_instant

_INSTANT = "C instant"


def _time(oddity: str, order: str, spelling: str, time: str) -> Case:
    """A date-time: `ce_time` is its one spelling."""
    sent = body("order.created", f'{{"id":"{order}"}}', f'"{spelling}"')
    return event(oddity, _INSTANT, f"`{time}`", sent, cleaned(order, time=time))


def _no_time(oddity: str, order: str, value: str | None) -> Case:
    """No date-time: its hash stands for it in a content key, and there is no `ce_time`. `value`: JSON; None: absent."""
    payload = f'{{"id":"{order}"}}'
    sent = body("customer.updated", payload, value)
    key = content_key(payload, raw_instant("null" if value is None else value))
    return event(oddity, _INSTANT, "no `ce_time`", sent, cleaned(order, key, "customers", None))


CASES: tuple[Case, ...] = (
    _time("`published_at` with an offset: `+02:00`", "t-offset", "2026-11-01T08:00:00+02:00", "2026-11-01T06:00:00Z"),
    _time("an offset without colon or minutes", "t-short", "2026-11-01T23:30:00.5-01", "2026-11-02T00:30:00.5Z"),
    _time("a blank instead of `T`, `z`", "t-blank", "2026-11-01 08:00:00.10z", "2026-11-01T08:00:00.1Z"),
    _time("ten fractional digits", "t-ten", "2026-11-01T08:00:00.1234567899Z", "2026-11-01T08:00:00.123456789Z"),
    _time("a fraction of zeros", "t-zeros", "2026-11-01T08:00:00.000000000Z", "2026-11-01T08:00:00Z"),
    _time("the year 1", "t-first", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    _time("the last second of 9999", "t-last", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    _no_time("no `published_at`", "t-none", None),
    _no_time("`published_at` null", "t-null", "null"),
    _no_time("`published_at` a number", "t-number", "1793520000"),
    _no_time("`published_at` an object", "t-object", '{"b":1e2,"a":[]}'),
    _no_time("`published_at` empty", "t-empty", '""'),
    _no_time("`published_at` in words", "t-words", '"yesterday"'),
    _no_time("`published_at` a day without a time", "t-day", '"2026-11-01"'),
    _no_time("`published_at` with a lone surrogate", "t-lone", r'"2026-11-01T08:00:00\ud800"'),
    _no_time("a leap second", "t-leap", '"2016-12-31T23:59:60Z"'),
    _no_time("a day that does not exist", "t-february", '"2026-02-30T00:00:00Z"'),
    _no_time("before the year 1, by its offset", "t-before", '"0001-01-01T00:00:00+00:01"'),
    _no_time("after the year 9999, by its offset", "t-after", '"9999-12-31T23:59:59-00:01"'),
    _no_time("the year 0", "t-zero", '"0000-01-01T00:00:00Z"'),
    _no_time("digits of another script", "t-digits", r'"\uff12\uff10\uff12\uff16-11-01T08:00:00Z"'),
    event(
        "an order's event without a time",
        "C instant: the event sorts first",
        "first in the order's timeline, `published_at` null",
        body("order.created", '{"id":"untold"}', '"some day"'),
        cleaned("untold", time=None),
        {"untold": {"status": "created", "timeline": [{"published_at": None}]}},
    ),
)
