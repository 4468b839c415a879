"""JSON that few programs write, and what is no JSON at all."""

import codecs

from tests.integration.oddities.case import Case
from tests.integration.oddities.making import body, cleaned, event, quarantined

_BODY = "C body"
_NUMBERS = "C body, payload hash: numbers as written"
_LEVELS = "C body: more than 500 levels"
_PLAIN = body("order.created", '{"id":"never"}').decode()


def nested(order: str, levels: int, opening: str, closing: str) -> bytes:
    """An event of so many levels in all: its own object and the payload are two of them."""
    inside = opening * (levels - 2) + "1" + closing * (levels - 2)
    return body("order.created", f'{{"id":"{order}","a":{inside}}}')


def _deep(order: str, opening: str, closing: str) -> Case:
    sent = nested(order, 500, opening, closing)
    return event(
        f"500 levels of `{opening}`", _LEVELS, "", sent, cleaned(order), {order: {"version": 1}}, again=sent + b"\n "
    )


CASES: tuple[Case, ...] = (
    event(
        "a byte order mark",
        f"{_BODY}: one BOM skipped",
        "skipped; kept in the record",
        codecs.BOM_UTF8 + body("order.created", '{"id":"bom"}'),
        cleaned("bom"),
        {"bom": {"status": "created"}},
    ),
    event(
        "escapes that need not be, and `/` escaped",
        "C payload hash: shortest escapes",
        "`\\u0041` is `A`",
        body("order.created", r'{"\u0069d":"esc-\u0041","url":"http:\/\/x","tab":"\u0009"}'),
        cleaned("esc-A"),
        {"esc-A": {"status": "created"}},
    ),
    event(
        "`NaN`, `Infinity` and `-Infinity`",
        f"{_BODY}: plus NaN, ±Infinity",
        "read, and kept",
        body("order.created", '{"id":"nan","a":[NaN,Infinity,-Infinity],"items":[{"id":"n-1","list_price":NaN}]}'),
        cleaned("nan"),
        {"nan": {"items": {"n-1": {"list_price": None}}}},
    ),
    event(
        "a lone surrogate in a text",
        f"{_BODY}: plus lone surrogate escapes",
        "read, and kept; as a text of the order's state it counts as absent",
        body("order.created", r'{"id":"lone","items":[{"id":"l-1","product_id":"a\ud83d","item_type":"b"}]}'),
        cleaned("lone"),
        {"lone": {"items": {"l-1": {"product_id": None, "item_type": "b"}}}},
    ),
    event(
        "a lone surrogate in a field's name, surrogates the wrong way round",
        f"{_BODY}: plus lone surrogate escapes",
        "read, and kept",
        body("order.created", r'{"id":"lone-key","\udc00":{"\ud800":"\udc00\ud800"}}'),
        cleaned("lone-key"),
        {"lone-key": {"version": 1}},
    ),
    event(
        "an integer of 400 digits",
        _NUMBERS,
        "every digit counts",
        body("order.created", f'{{"id":"n-400","a":-{"9" * 400}}}'),
        cleaned("n-400"),
    ),
    event(
        "an integer of 5,000 digits",
        _NUMBERS,
        "more than Python's own limit",
        body("order.created", f'{{"id":"n-5000","a":{"7" * 5000},"items":[{{"id":"i","quantity":{"7" * 5000}}}]}}'),
        cleaned("n-5000"),
        {"n-5000": {"items": {"i": {"quantity": None}}}},
    ),
    event(
        "floats with exponents, beyond what a float holds",
        _NUMBERS,
        "",
        body("order.created", '{"id":"exponents","a":[1e400,1E-400,-0,-0.0,1e2],"items":[{"id":"i","tax":1.5e2}]}'),
        cleaned("exponents"),
        {"exponents": {"items": {"i": {"tax": "150"}}}},
    ),
    event(
        "NUL and other control characters, escaped",
        _BODY,
        "",
        body("order.created", r'{"id":"control","a":"\u0000\u001f\u007f"}'),
        cleaned("control"),
    ),
    _deep("deep-arrays", "[", "]"),
    _deep("deep-objects", '{"a":', "}"),
    quarantined("501 levels of arrays", _LEVELS, "too_deep", nested("never", 501, "[", "]")),
    quarantined("501 levels of objects", _LEVELS, "too_deep", nested("never", 501, '{"a":', "}")),
    quarantined("10,000 levels of arrays", _LEVELS, "too_deep", nested("never", 10_000, "[", "]")),
    quarantined("10,000 levels of objects", _LEVELS, "too_deep", nested("never", 10_000, '{"a":', "}")),
    quarantined("10,000 levels, none of them closed", _LEVELS, "too_deep", b'[{"a":' * 5_000),
    quarantined("two byte order marks", f"{_BODY}: one BOM", "invalid_json", codecs.BOM_UTF8 * 2 + _PLAIN.encode()),
    quarantined("UTF-16", f"{_BODY}: UTF-8", "not_utf8", _PLAIN.encode("utf-16")),
    quarantined("UTF-16 without a byte order mark", f"{_BODY}: UTF-8", "invalid_json", _PLAIN.encode("utf-16-le")),
    quarantined("UTF-32", f"{_BODY}: UTF-8", "not_utf8", _PLAIN.encode("utf-32")),
    quarantined("Latin-1", f"{_BODY}: UTF-8", "not_utf8", body("x", '{"a":"é"}').decode().encode("latin-1")),
    quarantined(
        "a surrogate in bytes", f"{_BODY}: UTF-8", "not_utf8", _PLAIN.encode().replace(b"never", b"\xed\xa0\x80")
    ),
    quarantined("an overlong encoding", f"{_BODY}: UTF-8", "not_utf8", _PLAIN.encode().replace(b"never", b"\xc0\xaf")),
    quarantined("an empty body", _BODY, "invalid_json", b""),
    quarantined("nothing but blanks", _BODY, "invalid_json", b" \r\n\t"),
    quarantined("a body cut off", _BODY, "invalid_json", _PLAIN.encode()[:-1]),
    quarantined("two events in one body", _BODY, "invalid_json", _PLAIN.encode() * 2),
    quarantined("a comma too many", _BODY, "invalid_json", _PLAIN.replace("}}", "},}").encode()),
    quarantined("a comment", _BODY, "invalid_json", (_PLAIN + "//").encode()),
    quarantined("single quotes", _BODY, "invalid_json", _PLAIN.replace('"', "'").encode()),
    quarantined("a line break within a text", _BODY, "invalid_json", _PLAIN.replace("never", "a\nb").encode()),
    quarantined("a number with a leading zero", _BODY, "invalid_json", _PLAIN.replace('"never"', "007").encode()),
    quarantined("`nan` in lower case", _BODY, "invalid_json", _PLAIN.replace('"never"', "nan").encode()),
    quarantined("a form", _BODY, "invalid_json", b"tenant=acme&name=order.created"),
    quarantined("a web page", _BODY, "invalid_json", b"<html><body>502 Bad Gateway</body></html>"),
    quarantined("bytes of chance", f"{_BODY}: UTF-8", "not_utf8", bytes(range(255, 0, -1))),
)
