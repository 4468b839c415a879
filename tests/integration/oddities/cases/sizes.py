"""Bodies as large as they may be, larger bodies, and bodies made to cost time or memory."""

import random

from tests.integration.oddities.case import Case, Delivery, Rejected
from tests.integration.oddities.making import body, cleaned, quarantined

_LIMIT = (8 << 20) - (128 << 10)
_SIZE = "C larger than the limit: 400, a stub in quarantine"
_TAKEN = "C BRIDGE_INGRESS_MAX_BODY_BYTES"
_LEVELS = "C body: more than 500 levels"
_STRUCTURE = "C body: more structural characters than 131,072 and than a quarter of its bytes"
_ATTACK = "ES never an event"


def _sized(order: str, size: int) -> bytes:
    """An event of so many bytes, which no compression makes small."""
    sent = body("order.created", f'{{"id":"{order}","noise":"@"}}')
    noise = random.Random(order).randbytes((size - len(sent) + 2) // 2).hex()
    return sent.replace(b"@", noise[: size - len(sent) + 1].encode())


def _taken(oddity: str, order: str, sent: bytes, rule: str = _ATTACK, effect: str = "") -> Case:
    return Case(oddity, rule, effect, (Delivery(sent, cleaned(order)),), {order: {"version": 1}})


def _with(order: str, member: str) -> bytes:
    return body("order.created", f'{{"id":"{order}",{member}}}')


def _rejected(oddity: str, size: int, chunked: bool = False) -> Case:
    return Case(oddity, _SIZE, "", (Delivery(_sized(f"never-{size}-{chunked}", size), Rejected(), chunked=chunked),))


CASES: tuple[Case, ...] = (
    _taken("the largest less one byte", "size-below", _sized("size-below", _LIMIT - 1), rule=_TAKEN),
    _taken("the largest", "size-limit", _sized("size-limit", _LIMIT), rule=_TAKEN),
    _rejected("the largest and one byte", _LIMIT + 1),
    _rejected("10 MB", 10_000_000),
    _rejected("10 MB, `Transfer-Encoding: chunked`", 10_000_000, chunked=True),
    quarantined("8 MB of `[`", _STRUCTURE, "too_much_structure", b"[" * _LIMIT),
    quarantined("10,000 objects, one within the other", _LEVELS, "too_deep", b'{"a":' * 10_000),
    quarantined(
        "half a million ones and a number with an exponent",
        _STRUCTURE,
        "too_much_structure",
        _with("never", '"a":[' + "1," * 500_000 + "1E5]"),
    ),
    quarantined("a million quotes, escaped, without an end", "C body", "invalid_json", b'{"a":"' + b'\\"' * 1_000_000),
    _taken(
        "8 MB of escapes in one text", "size-escapes", _with("size-escapes", '"a":"' + r"\"" * (_LIMIT // 2 - 99) + '"')
    ),
    _taken("an integer of eight million digits", "size-digits", _with("size-digits", '"a":' + "1" * 8_000_000)),
    _taken("60,000 times the same key", "size-keys", _with("size-keys", ",".join(['"k":1'] * 60_000))),
    _taken(
        "50,000 keys and a lone surrogate",
        "size-names",
        _with("size-names", r'"a":"\ud800",' + ",".join(f'"{n}":0.10' for n in range(50_000))),
    ),
    _taken(
        "130 arrays of 490 levels each",
        "size-nested",
        _with("size-nested", '"a":[' + ",".join(["[" * 490 + "]" * 490] * 130) + "]"),
    ),
    _taken(
        "an order of 5,000 items",
        "size-items",
        _with("size-items", '"items":[' + ",".join(f'{{"id":"{n}","quantity":1}}' for n in range(5_000)) + "]"),
    ),
)
