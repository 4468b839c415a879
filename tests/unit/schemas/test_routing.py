"""Usable ids, by the value that a parser leaves of them."""

from typing import Any

import pytest

from schemas.exact_json import parse
from schemas.routing import order_id_of, record_key
from schemas.text import usable_id


@pytest.mark.parametrize("text", ["0", "-7", "5.0", "5.10", "1e3", "0.000001", "1" * 200, "4.9399999999999995", "-0"])
def test_a_number_is_an_id_as_it_was_written(text: str) -> None:
    assert usable_id(parse(text.encode()).value) == text


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1" * 201, "true", "false", "null", '""', "[]", "{}"])
def test_these_values_count_as_absent(text: str) -> None:
    assert usable_id(parse(text.encode()).value) is None


@pytest.mark.parametrize(
    ("name", "payload", "order_id", "key"),
    [
        ("order.opened", {"id": "a", "order_id": "b"}, "a", "a"),
        ("invoice.created", {"id": "a", "order_id": "b"}, "b", "b"),
        ("invoice.created", {"id": "a", "order_id": ""}, None, "a"),
        ("payment_account.amount_voided", {"id": "a"}, "a", "a"),
        ("customer.created", {"id": "a", "order_id": "b"}, None, "a"),
        ("loyalty.added", {"id": None}, None, "loyalty.added"),
        ("loyalty.added", {"id": "a", "order_id": "b"}, None, "a"),
    ],
)
def test_the_record_key_is_order_then_entity_then_name(
    name: str, payload: dict[str, Any], order_id: str | None, key: str
) -> None:
    assert (order_id_of(name, payload), record_key(name, payload)) == (order_id, key)
