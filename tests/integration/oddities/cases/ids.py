"""Ids that few programs give, and values that cannot serve as one."""

from urllib.parse import quote

from tests.integration.oddities.case import Case
from tests.integration.oddities.making import body, cleaned, content_key, event, hashed_key

_USABLE = "C usable id"
_KEY = "C key"
_LONGEST = "l" * 200
_EMOJI = "😀" * 200
_RESERVED = "a/b:c%d e+f?g#h"


def _with(oddity: str, effect: str, id_json: str, key: str, rule: str = _USABLE) -> Case:
    """`order.created` with an id that can serve: the order's."""
    return event(
        oddity, rule, effect, body("order.created", f'{{"id":{id_json}}}'), cleaned(key), {key: {"version": 1}}
    )


def _unusable(oddity: str, id_json: str) -> Case:
    """`order.created` with an id that cannot: it counts as absent."""
    payload = f'{{"id":{id_json}}}'
    outcome = cleaned("order.created", content_key(payload))
    return event(oddity, _USABLE, "", body("order.created", payload), outcome, {"order.created": None})


CASES: tuple[Case, ...] = (
    _with("an id that is a number: `1`", "its text as written", "1", "1"),
    _with("an id `1.0`", "another id than `1`", "1.0", "1.0"),
    _with("an id `1e0`", "another id than `1`", "1e0", "1e0"),
    _with("an id `-0`", "its text as written", "-0", "-0"),
    _with("an id that is a number of 200 digits", "", "3" * 200, "3" * 200),
    _with("an id of 200 characters", "", f'"{_LONGEST}"', _LONGEST),
    event(
        "an id of 200 emoji",
        f"{_KEY}: over 200 bytes",
        "its key string is longer than 200 bytes, so a hash stands for it",
        body("order.created", f'{{"id":"{_EMOJI}"}}'),
        cleaned(_EMOJI, hashed_key(quote(_EMOJI))),
        {_EMOJI: {"order_id": _EMOJI}},
    ),
    _with(
        "an id with `/`, `:`, `%`, `?`, `#` and blanks",
        "percent-encoded in keys and in `GET /orders/…`",
        f'"{_RESERVED}"',
        _RESERVED,
        _KEY,
    ),
    _with("an id that looks percent-encoded", "`%41` is not `A`", '"p%41%2Fq"', "p%41%2Fq", _KEY),
    _with("an id of dots: `..`", "", '".."', "..", _KEY),
    _with("an id outside the Basic Multilingual Plane", "", r'"\ud83d\ude00-é"', "😀-é", _KEY),
    _with("an id with a line break and NUL", "", r'"a\r\nb\u0000"', "a\r\nb\0", _KEY),
    _with("an id of blanks", "not trimmed", '" "', " "),
    event(
        "an id that spells another key's parts",
        f"{_KEY}: parts percent-encoded",
        "`:` within a part is `%3A`, so no two keys meet",
        body("fulfillment_request.assigned", '{"id":"f:1","order_id":"colon","logical_timestamp":"2"}'),
        cleaned("colon", "f%3A1:2"),
    ),
    event(
        "an `order_id` that cannot serve",
        "C record key",
        "in `orders` under the event's own id; belongs to no order",
        body("invoice.created", '{"id":"invoice-1","order_id":["never"]}'),
        cleaned("invoice-1"),
        {"invoice-1": None},
    ),
    event(
        "a part of a key that cannot serve",
        f"{_KEY}: with an absent part",
        "content and time are the key",
        body("inventory_count.items_counted", '{"id":"count-1","chunk_number":null}'),
        cleaned("count-1", content_key('{"id":"count-1","chunk_number":null}'), "inventory"),
    ),
    _unusable("an id of 201 characters", f'"{"l" * 201}"'),
    _unusable("an id that is a number of 201 digits", "3" * 201),
    _unusable("an id that is null", "null"),
    _unusable("an empty id", '""'),
    _unusable("an id that is a boolean", "true"),
    _unusable("an id that is an array", '["never"]'),
    _unusable("an id that is an object", '{"id":"never"}'),
    _unusable("an id with a lone surrogate", r'"a\ud800"'),
    _unusable("an id `NaN`", "NaN"),
    event(
        "no id",
        _USABLE,
        "in `orders` under the event's name; belongs to no order",
        body("order.created", '{"external_id":"E-1"}'),
        cleaned("order.created", content_key('{"external_id":"E-1"}')),
        {"order.created": None},
    ),
)
