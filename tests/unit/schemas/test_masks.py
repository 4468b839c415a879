"""What is shown of a raw body: nothing that is not on the list."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.masks import HIDDEN, SHOWN, SHOWN_LEVELS, masked
from schemas.order_state import Customer
from tests.unit.processors.orders.facts import LIVES

PERSONAL_FIELDS = (
    *("first_name", "last_name", "email", "phone", "zip_code", "city"),
    *("address_line_1", "address_line_2", "address_line1", "address_line2"),
    *("customer_email", "associate_email", "associate_name"),
)
PERSONAL = ("Ada", "ada@example.com", "Main Street", "94110", "+1 555", "a gift for Bob", "1234-5678")


def shown(payload: Any, **more: Any) -> Any:
    return masked(json.dumps({"tenant": "acme", "name": "order.opened", "payload": payload, **more}).encode())


def test_ids_codes_amounts_and_instants_are_shown() -> None:
    payload = {
        "id": "order-1",
        "status": "open",
        "currency": "EUR",
        "grand_total": 62.94,
        "placed_at": "2024-05-01T10:00:00Z",
        "is_exchange": False,
        "items": [{"id": "A", "quantity": 2, "tracking_code": "1Z"}],
        "transactions": [{"id": "t", "amount": -5}],
    }
    assert shown(payload)["payload"] == payload


def test_reasons_are_shown_as_pages_show_them() -> None:
    payload = {"return_reason": "too small", "reason": "Ada", "items": [{"id": "A", "cancellation_reason": "late"}]}
    assert shown(payload)["payload"] == payload | {"reason": HIDDEN}


def test_nothing_else_is() -> None:
    payload = {
        "id": "order-1",
        "customer_email": "ada@example.com",
        "external_customer_id": "ada@example.com",
        "associate_email": "ada@example.com",
        "name": "Ada",
        "billing_address": {"id": "Ada", "first_name": "Ada", "zip_code": "94110"},
        "shipping_address": [{"id": "Main Street"}],
        "note": "a gift for Bob",
        "phone": "+1 555",
        "extended_attributes": [{"name": "Ada", "value": "+1 555"}],
        "items": [{"id": "A", "gift_message": "a gift for Bob", "name": "Ada"}, "Ada"],
        "transactions": "Ada",
        "exchanges": {"id": "order-0", "reference": "1234-5678"},
        "gift_card_number": "1234-5678",
        "payload": {"id": "B", "unknown": ["1234-5678"]},
        "ada@example.com": 1,
        "status": {"id": "Ada"},
        "id_": "Ada",
    }
    text = json.dumps(shown(payload, id="Ada Lovelace" * 50, note="Ada"), ensure_ascii=False)
    assert not [each for each in PERSONAL if each in text]
    assert shown(payload)["payload"]["items"] == [{"id": "A", "gift_message": HIDDEN, "name": HIDDEN}, HIDDEN]


def test_no_field_with_personal_data_of_a_state_is_on_the_list() -> None:
    assert SHOWN & {*Customer.model_fields} == {"customer_id"}  # NewStore's own id: only NewStore knows who it is


@pytest.mark.parametrize("name", PERSONAL_FIELDS)
def test_no_field_of_a_person_is_shown_wherever_it_stands(name: str) -> None:
    """NewStore's customers, profiles and addresses have them."""
    body = shown({name: "Ada", "items": [{name: "Ada"}]}, **{name: "Ada"})
    assert (body["payload"], body[name]) == ({name: HIDDEN, "items": [{name: HIDDEN}]}, HIDDEN)


@pytest.mark.parametrize(("length", "is_shown"), [(200, True), (201, False)])
def test_a_text_of_more_than_200_characters_is_hidden_in_any_field(length: int, is_shown: bool) -> None:
    assert shown({"id": "A" * length})["payload"] == {"id": "A" * length if is_shown else HIDDEN}


@pytest.mark.parametrize("life", sorted(LIVES.glob("*.json")), ids=lambda path: path.stem)
def test_real_bodies_keep_their_shape(life: Path) -> None:
    for envelope in json.loads(life.read_text()):
        body = masked(json.dumps(envelope).encode())
        assert {**body, "payload": None} == {**envelope, "payload": None}
        assert body["payload"].keys() == envelope["payload"].keys()


def test_everything_is_shown_where_that_is_wanted() -> None:
    envelope = {"tenant": "acme", "name": "x.y", "payload": {"note": "Ada", "a@b": [1, ["Ada", None]]}}
    assert masked(json.dumps(envelope).encode(), everything=True) == envelope


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1", 1), ("0.10", 0.1), ("5.0", 5.0), ("1E400", "1E400"), ("NaN", "NaN"),
        ("18446744073709551615", 18446744073709551615), ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775808", -9223372036854775808), ("-9223372036854775809", "-9223372036854775809"),
        ("0.1000000000000000000001", "0.1000000000000000000001"),
        ("null", None), ("true", True),
    ],
)  # fmt: skip
def test_numbers_are_what_was_written(written: str, read: Any, everything: bool) -> None:
    body = masked(b'{"payload": {"amount": %s, "other": 0.10}}' % written.encode(), everything=everything)
    assert repr(body["payload"]["amount"]) == repr(read)
    assert orjson.loads(orjson.dumps(body)) == body, "what no answer can have"


def test_what_no_answer_can_have_is_written_as_an_escape() -> None:
    assert masked(rb'{"name": "\ud800"}') == {"name": "\\ud800"}
    assert masked(rb'{"\udcffb": "\ud800"}', everything=True) == {"\\udcffb": "\\ud800"}


def test_what_is_too_deep_is_hidden_even_where_everything_is_shown() -> None:
    for levels, is_hidden in ((SHOWN_LEVELS, False), (SHOWN_LEVELS + 1, True)):
        assert (HIDDEN in json.dumps(masked(b"[" * levels + b"]" * levels, everything=True), ensure_ascii=False)) is (
            is_hidden
        )
