"""Envelopes at the edge of what is valid, and beyond."""

from urllib.parse import quote

from tests.integration.oddities.case import Case
from tests.integration.oddities.making import body, cleaned, content_key, event, quarantined

_VALID = "C valid envelope"
_LONGEST = "é" * 200
_ODD_NAME = "order.a/b %~é😀\n"


def _without(field: str) -> bytes:
    return body("order.created", "{}").replace(f'"{field}"'.encode(), b'"x"')


CASES: tuple[Case, ...] = (
    event(
        "an event name of 200 characters",
        _VALID,
        "",
        body(_LONGEST, '{"id":"long-name"}'),
        cleaned("long-name", content_key('{"id":"long-name"}'), "unknown"),
    ),
    event(
        "an event name of blanks",
        _VALID,
        "a name like any other",
        body("  ", '{"id":"blank-name"}'),
        cleaned("blank-name", content_key('{"id":"blank-name"}'), "unknown"),
    ),
    event(
        "an event name with slashes, percent signs, line breaks and emoji",
        "C key: ce_id percent-encodes",
        f"percent-encoded in `ce_id`: `{quote(_ODD_NAME, safe='')}`",
        body(_ODD_NAME, '{"id":"odd-name"}'),
        cleaned("odd-name", content_key('{"id":"odd-name"}')),
        {"odd-name": {"version": 1}},
    ),
    event(
        "an event name in other letters: `Order.created`",
        "C aggregate: by the entity",
        "unknown: names are case sensitive",
        body("Order.created", '{"id":"capital"}'),
        cleaned("capital", content_key('{"id":"capital"}'), "unknown"),
        {"capital": None},
    ),
    quarantined("an event name of 201 characters", _VALID, "invalid_name", body("x" * 201, "{}")),
    quarantined("an event name with a lone surrogate", _VALID, "invalid_name", body("order.\ud800", "{}")),
    quarantined("an empty event name", _VALID, "invalid_name", body("", "{}")),
    quarantined("no event name", _VALID, "invalid_name", _without("name")),
    quarantined("an event name that is a number", _VALID, "invalid_name", body("7", "{}").replace(b'"7"', b"7")),
    quarantined("an event name that is null", _VALID, "invalid_name", body("7", "{}").replace(b'"7"', b"null")),
    quarantined("no payload", _VALID, "invalid_payload", _without("payload")),
    quarantined("a payload that is null", _VALID, "invalid_payload", body("order.created", "null")),
    quarantined("a payload that is an array", _VALID, "invalid_payload", body("order.created", '[{"id":"never"}]')),
    quarantined("a payload that is a text", _VALID, "invalid_payload", body("order.created", r'"{\"id\":\"never\"}"')),
    quarantined("an empty tenant", _VALID, "invalid_tenant", body("order.created", "{}", tenant='""')),
    quarantined("no tenant", _VALID, "invalid_tenant", _without("tenant")),
    quarantined(
        "`Tenant` with a capital", _VALID, "invalid_tenant", body("order.created", "{}").replace(b"t", b"T", 1)
    ),
    quarantined("another tenant", _VALID, "other_tenant", body("order.created", "{}", tenant='"acme-2"')),
    quarantined("the tenant in capitals", _VALID, "other_tenant", body("order.created", "{}", tenant='"ACME"')),
    quarantined("`null`", _VALID, "not_an_object", b"null"),
    quarantined("`[]`", _VALID, "not_an_object", b"[]"),
    quarantined("`{}`", _VALID, "invalid_tenant", b"{}"),
    quarantined("a number", _VALID, "not_an_object", b"1"),
    quarantined("a text", _VALID, "not_an_object", b'"order.created"'),
    quarantined("an event within an array", _VALID, "not_an_object", b"[" + body("order.created", "{}") + b"]"),
)
