"""Every odd form that was seen is read; nothing makes reading fail."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from schemas.models import EVENT_MODELS, OtherEvent, parse
from schemas.models.order import OrderOpened, OrderPayload
from schemas.models.payment_account import Transaction
from schemas.models.values import Flag, FreeMap, Id, Instant, Integer, Members, Money, Text


class Everything(BaseModel):
    """One field of each kind."""

    text: Text = None
    id: Id = None
    money: Money = None
    integer: Integer = None
    flag: Flag = None
    instant: Instant = None
    members: Members[OrderPayload] = ()
    map: FreeMap[Id] = {}


def opened(payload: str, published_at: str = '"2026-01-01T00:00:00Z"') -> OrderOpened:
    event = parse(
        f'{{"tenant": "acme", "name": "order.opened", "published_at": {published_at}, "payload": {payload}}}'.encode()
    )
    assert isinstance(event, OrderOpened)
    return event


@pytest.mark.parametrize(
    "written",
    ["0.1", "62.94", "0.30000000000000000001", "12345678901234567890.12", "0.12345678901234567890", "58", "-0.5"],
)
def test_money_is_exact_whichever_way_an_event_is_read(written: str) -> None:
    """Pydantic's own JSON reader would go through a binary float."""
    payload = f'{{"grand_total": {written}}}'
    assert opened(payload).payload.grand_total == Decimal(written)
    assert OrderPayload.model_validate_json(payload).grand_total == Decimal(written)
    assert OrderPayload.model_validate_json(payload.encode()).grand_total == Decimal(written)
    assert opened(f'{{"grand_total": " {written} "}}').payload.grand_total == Decimal(written)


@pytest.mark.parametrize(
    ("written", "plain"), [("58", "58"), ("58.0", "58"), ("4.940", "4.94"), ("1E+3", "1000"), ("-0.0", "0")]
)
def test_money_is_written_as_order_states_write_it(written: str, plain: str) -> None:
    document = json.loads(opened(f'{{"subtotal": {written}}}').model_dump_json())
    assert document["payload"]["subtotal"] == plain


@pytest.mark.parametrize("written", ['"abc"', '""', "true", "[]", "{}", "NaN", "Infinity", "1e999999999", "null"])
def test_what_is_no_amount_is_none(written: str) -> None:
    assert opened(f'{{"subtotal": {written}}}').payload.subtotal is None


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2018-09-21T21:40:08.633400", "2018-09-21T21:40:08.6334Z"),
        ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456789Z"),
        (" 2026-01-01T00:00:00Z\t", "2026-01-01T00:00:00Z"),
        ("2026-01-01 02:00:00+02:00", "2026-01-01T00:00:00Z"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_are_utc_from_every_form_that_was_seen(written: str, instant: str | None) -> None:
    event = opened(json.dumps({"placed_at": written}), published_at=json.dumps(written))
    assert (event.published_at, event.payload.placed_at) == (instant, instant)


def test_ids_that_are_numbers_become_text() -> None:
    payload = opened('{"id": 7, "customer_id": "unknown", "external_id": 1.50, "associate_id": true}').payload
    assert (payload.id, payload.customer_id, payload.external_id) == ("7", "unknown", "1.50")
    assert payload.associate_id is None


@pytest.mark.parametrize(("written", "number"), [("1", 1), ("1.0", 1), ('"1"', 1), ("-3", -3), ("1.5", None)])
def test_whole_numbers_however_they_are_spelt(written: str, number: int | None) -> None:
    assert opened(f'{{"items": [{{"quantity": {written}}}]}}').payload.items[0].quantity == number


def test_both_spellings_of_a_street_and_an_empty_name_are_kept() -> None:
    address = opened('{"shipping_address": {"address_line_1": "a", "address_line1": "b", "first_name": ""}}').payload
    assert address.shipping_address is not None
    assert address.shipping_address.address_line_1 == "a"
    assert address.shipping_address.address_line1 == "b"
    assert address.shipping_address.first_name == ""


def test_unknown_fields_are_kept_exactly_wherever_they_are() -> None:
    event = opened('{"new": {"a": [0.10]}, "items": [{"id": "1", "colour": 0.30000000000000000001}]}')
    assert event.payload.model_extra == {"new": {"a": [Decimal("0.10")]}}
    assert event.payload.items[0].model_extra == {"colour": Decimal("0.30000000000000000001")}


def test_a_new_value_of_an_enumeration_is_read() -> None:
    assert opened('{"channel_type": "kiosk"}').payload.channel_type == "kiosk"


def test_of_equal_names_the_last_counts_and_a_lone_surrogate_stays_an_escape() -> None:
    assert opened('{"channel": "a", "channel": "b", "\\ud800": 1}').payload.channel == "b"
    assert opened('{"\\ud800": 1}').payload.model_extra == {"\\ud800": 1}


def test_members_that_are_no_objects_are_left_out_and_a_list_that_is_none_is_empty() -> None:
    assert [item.id for item in opened('{"items": [1, {"id": "a"}, null, {}]}').payload.items] == ["a", None]
    assert opened('{"items": {"id": "a"}}').payload.items == ()
    assert opened('{"items": null}').payload.items == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('[{"name": "auth_code", "value": 123}]', [("auth_code", "123")]),
        ('{"auth_code": 123, "batch": "b"}', [("auth_code", "123"), ("batch", "b")]),
        ('{"auth_code": {}}', [("auth_code", None)]),
        ("{}", []),
        ('"x"', []),
    ],
)
def test_attributes_are_a_list_or_a_map(written: str, read: list[tuple[str, str | None]]) -> None:
    transaction = Transaction.model_validate_json(f'{{"extended_attributes": {written}}}')
    assert [(each.name, each.value) for each in transaction.extended_attributes] == read
    assert json.loads(transaction.model_dump_json())["extended_attributes"] == [
        {"name": name, "value": value} for name, value in read
    ]


@pytest.mark.parametrize("value", [5, "x", True, None, [1], {"a": 1}, Decimal(1), 1.5])
def test_no_kind_of_value_ever_fails(value: Any) -> None:
    Everything.model_validate(dict.fromkeys(Everything.model_fields, value))


def test_events_can_stand_in_other_models() -> None:
    """There, pydantic's own reader is at work, exact to 15 digits only."""
    (event,) = TypeAdapter(list[OrderOpened]).validate_json(
        '[{"tenant": "acme", "name": "order.opened", "payload": {"subtotal": 0.1, "items": [{"quantity": "two"}]}}]'
    )
    assert event.payload.subtotal == Decimal("0.1")
    assert event.payload.items[0].quantity is None


def test_an_event_nobody_has_heard_of_is_read_too() -> None:
    event = parse(b'{"tenant": "acme", "name": "order.teleported", "payload": {"id": 4, "to": "Mars"}, "trace": 1}')
    assert type(event) is OtherEvent
    assert (event.tenant, event.name, event.payload.id) == ("acme", "order.teleported", "4")
    assert event.payload.model_extra == {"to": "Mars"}
    assert event.model_extra == {"trace": 1}


@pytest.mark.parametrize("body", [b"5", b"[]", b"{}", b'{"name": [], "payload": {}}', b'{"tenant": 1, "name": ""}'])
def test_json_that_is_no_envelope_is_an_event_without_a_name(body: bytes) -> None:
    assert parse(body) == OtherEvent()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 501 + b"]" * 501])
def test_what_the_bridge_takes_for_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(body)


def test_models_are_immutable() -> None:
    event = EVENT_MODELS["order.opened"].model_validate({"tenant": "a", "name": "order.opened", "payload": {}})
    with pytest.raises(ValueError, match="frozen"):
        setattr(event, "tenant", "b")  # noqa: B010 - a type checker would refuse the plain form
