"""The bound on structure: it depends on the bytes alone."""

import pytest

from schemas.exact_json import InvalidJson, parse
from schemas.json_structure import structure_of, too_much_structure
from schemas.outcome import Reason

ALWAYS = 131_072


def array(members: int, padding: int = 0) -> bytes:
    """An array of `members` ones, with `members` + 1 structural characters."""
    return b"[" + b",".join([b"1"] * members) + b" " * padding + b"]"


def test_all_six_characters_count_wherever_they_stand() -> None:
    assert structure_of(b'{"a":[1,2],"b, c: {}":"[]"}') == 8 + 4 + 2


def test_so_many_are_always_allowed() -> None:
    assert not too_much_structure(array(ALWAYS - 1))
    assert too_much_structure(array(ALWAYS))


def test_a_larger_text_may_have_a_quarter_of_its_bytes() -> None:
    members = ALWAYS * 2
    size = len(array(members))
    padding = 4 * (members + 1) - size
    assert not too_much_structure(array(members, padding))
    assert too_much_structure(array(members, padding - 4))


@pytest.mark.parametrize(
    "text", [b"[" * ALWAYS * 2, b'"' + b"," * ALWAYS * 2 + b'"', b"{} " * ALWAYS], ids=lambda t: t[:3]
)
def test_what_has_more_is_read_by_nobody(text: bytes) -> None:
    with pytest.raises(InvalidJson) as refused:
        parse(text)
    assert refused.value.reason == Reason.TOO_MUCH_STRUCTURE


def test_an_order_of_a_thousand_lines_is_within_it() -> None:
    line = b'{"id":"4711-1","product_id":"1234567","quantity":1,"price":{"amount":19.9,"currency":"EUR"},"status":"a"},'
    order = b'{"tenant":"t","name":"order.opened","payload":{"items":[' + line * 20_000 + b"{}]}}"
    assert structure_of(order) < 0.7 * len(order) / 4
