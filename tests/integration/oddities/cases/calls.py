"""What senders may do within HTTP."""

import gzip

from tests.integration.oddities.case import Case, Delivery
from tests.integration.oddities.making import body, cleaned, quarantined

_ENCODING = "C body: Content-Encoding"
_CALL = "C body: byte for byte"
_EXPECT = "C a framework's own 417 must not occur"
_TRACE = "C record headers"
_TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_ZIPPED = gzip.compress(body("order.created", '{"id":"never"}'), mtime=0)
_FORGED = {
    "bridge_accept": "0:0",
    "bridge_replay": "0:0",
    "bridge_rules": "1-000000000000",
    "bridge_payload_hash": "v1:0",
    "bridge_entity_key": "somebody-else",
    "bridge_conflict": "true",
    "ce_id": "acme/order.created/another",
}


def _sent(
    oddity: str,
    rule: str,
    effect: str,
    order: str,
    headers: dict[str, str],
    gains: dict[str, str | None] | None = None,
) -> Case:
    """`order.created`, sent with these headers."""
    sent = Delivery(body("order.created", f'{{"id":"{order}"}}'), cleaned(order), headers, gains=gains or {})
    return Case(oddity, rule, effect, (sent,), {order: {"version": 1}})


CASES: tuple[Case, ...] = (
    _sent("`Content-Encoding: identity`", _ENCODING, "", "identity", {"Content-Encoding": "identity"}),
    _sent("an empty `Content-Encoding`", _ENCODING, "", "no-encoding", {"Content-Encoding": ""}),
    quarantined("`Content-Encoding: gzip`", _ENCODING, "content_encoding", _ZIPPED, {"Content-Encoding": "gzip"}),
    quarantined(
        "`Content-Encoding: gzip` over plain JSON",
        _ENCODING,
        "content_encoding",
        body("order.created", '{"id":"never-1"}'),
        {"Content-Encoding": "GZip"},
    ),
    quarantined(
        "an unknown `Content-Encoding`",
        _ENCODING,
        "content_encoding",
        body("order.created", '{"id":"never-2"}'),
        {"Content-Encoding": "rot13"},
    ),
    quarantined("gzip without saying so", "C body: UTF-8", "not_utf8", _ZIPPED + b"\0"),
    _sent("no `Content-Type`", _CALL, "taken as JSON", "no-type", {}),
    _sent("`Content-Type: text/plain`", _CALL, "taken as JSON", "plain", {"Content-Type": "text/plain"}),
    _sent(
        "`Content-Type` with `charset=utf-16`",
        _CALL,
        "taken as UTF-8, which it is",
        "charset",
        {"Content-Type": "application/json; charset=utf-16"},
    ),
    _sent(
        "`Content-Type` of a form",
        _CALL,
        "taken as JSON",
        "form",
        {"Content-Type": "multipart/form-data; boundary=x"},
    ),
    Case(
        "`Transfer-Encoding: chunked`",
        _CALL,
        "",
        (Delivery(body("order.created", '{"id":"chunks"}'), cleaned("chunks"), chunked=True),),
        {"chunks": {"version": 1}},
    ),
    _sent("`Expect: 100-continue`", _CALL, "", "expect", {"Expect": "100-continue"}),
    _sent("an unknown `Expect`", _EXPECT, "ignored", "unexpected", {"Expect": "a miracle"}),
    _sent(
        "headers named like the bridge's own",
        "C no HTTP header can set them",
        "none of them gets into Kafka",
        "forged",
        _FORGED,
    ),
    _sent(
        "a `traceparent`",
        _TRACE,
        "on the event's records",
        "traced",
        {"traceparent": _TRACEPARENT},
        {"traceparent": _TRACEPARENT},
    ),
    _sent(
        "a `traceparent` that is none", _TRACE, "left out", "untraced", {"traceparent": "00-x"}, {"traceparent": None}
    ),
)
