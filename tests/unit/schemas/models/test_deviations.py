"""Where an event differs from its model: reported by field and kind, never by an exception."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.models import EVENT_MODELS, Part, parse
from schemas.models.deviations import Deviation, Kind, deviations, deviations_of
from schemas.models.order import OrderPayload
from schemas.models.shape import Field, shape_of

pytestmark = pytest.mark.thorough

SAMPLES = {path.stem: path for path in (Path(__file__).parents[3] / "data" / "samples").glob("*.json")}

Change = Callable[[dict[str, Any], dict[str, Any]], object]


def sample(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SAMPLES[name].read_bytes())
    return document


def found(document: object) -> list[tuple[str, str]]:
    return [(deviation.field, deviation.kind.value) for deviation in deviations(json.dumps(document).encode())]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_seen_does_not_deviate(name: str) -> None:
    assert deviations(SAMPLES[name].read_bytes()) == []


@pytest.mark.parametrize(
    ("change", "deviation"),
    [
        (lambda event, _: event.update(version=2), ("version", "unknown_field")),
        (lambda event, _: event.pop("published_at"), ("published_at", "missing")),
        (lambda event, _: event.update(published_at="yesterday"), ("published_at", "type")),
        (lambda event, _: event["payload"].update(colour=None), ("payload.colour", "unknown_field")),
        (lambda event, _: event["payload"].pop("currency"), ("payload.currency", "missing")),
        (lambda event, _: event["payload"].update(subtotal=True), ("payload.subtotal", "type")),
        (lambda event, _: event["payload"].update(tax_exempt="no"), ("payload.tax_exempt", "type")),
        (lambda event, _: event["payload"].update(channel=5), ("payload.channel", "type")),
        (lambda event, _: event["payload"].update(channel_type="kiosk"), ("payload.channel_type", "new_value")),
        (lambda event, _: event["payload"].update(shipping_address=[]), ("payload.shipping_address", "type")),
        (lambda event, _: event["payload"]["shipping_address"].update(po_box=1),
         ("payload.shipping_address.po_box", "unknown_field")),
        (lambda event, _: event["payload"].update(items={}), ("payload.items", "type")),
        (lambda event, _: event["payload"]["items"].append("x"), ("payload.items[]", "type")),
        (lambda _, item: item.update(colour="red"), ("payload.items[].colour", "unknown_field")),
        (lambda _, item: item.update(quantity=1.5), ("payload.items[].quantity", "type")),
        (lambda _, item: item.update(status="lost"), ("payload.items[].status", "new_value")),
        (lambda _, item: item.pop("tax"), ("payload.items[].tax", "missing")),
        (lambda _, item: item["tax_provider_details"][1].pop("rate"),
         ("payload.items[].tax_provider_details[].rate", "missing")),
        (lambda _, item: item["external_identifiers"].update(x=[1]),
         ("payload.items[].external_identifiers{}", "type")),
    ],
)  # fmt: skip
def test_each_kind_of_deviation_is_told_with_its_path(change: Change, deviation: tuple[str, str]) -> None:
    document = sample("order.opened")
    change(document, document["payload"]["items"][0])
    assert found(document) == [deviation]


@pytest.mark.parametrize(
    "change",
    [
        lambda event, _: event.update(published_at=" 2026-01-01T00:00:00.123456789 "),
        lambda event, _: event["payload"].update(customer_id=7, associate_id="unknown", placed_at="", subtotal=None),
        lambda event, _: event["payload"].update(subtotal="58.00", billing_address="", items=None),
        lambda _, item: item["external_identifiers"].update({"a key that is free": 5, "none": None}),
        lambda _, item: item["extended_attributes"].append({"name": "any", "value": 7}),
        lambda event, _: event["payload"].pop("demand_location_id"),
    ],
)
def test_oddities_that_were_seen_do_not_deviate(change: Change) -> None:
    document = sample("order.opened")
    change(document, document["payload"]["items"][0])
    assert found(document) == []


@pytest.mark.parametrize(
    ("attributes", "deviation"),
    [
        ({"auth_code": "123"}, []),
        ({"auth_code": [1]}, [("payload.transactions[].extended_attributes[].value", "type")]),
        ("123", [("payload.transactions[].extended_attributes", "type")]),
    ],
)
def test_a_map_that_may_stand_for_a_list_is_looked_at_as_that(
    attributes: object, deviation: list[tuple[str, str]]
) -> None:
    payload = {"transactions": [{"extended_attributes": attributes}]}
    document = {"tenant": "a", "name": "payment_account.amount_captured", "payload": payload}
    assert [each for each in found(document) if each[1] != "missing"] == deviation


def test_what_several_members_have_is_told_once_and_each_new_value() -> None:
    document = sample("order.opened")
    item = document["payload"]["items"][0]
    document["payload"]["items"] = [item | {"colour": 1, "status": status} for status in ("lost", "found", "lost")]
    assert deviations_of(document) == [
        Deviation("payload.items[].status", Kind.NEW_VALUE, "lost"),
        Deviation("payload.items[].colour", Kind.UNKNOWN_FIELD, 1),
        Deviation("payload.items[].status", Kind.NEW_VALUE, "found"),
    ]


def test_fields_that_were_never_published_are_told_apart() -> None:
    document = {"tenant": "a", "name": "customer.created", "published_at": "2026-01-01T00:00:00Z"}
    assert found(document | {"payload": {"id": "1", "name": "Jo"}}) == [("payload.name", "undocumented_field")]
    assert found(document | {"payload": {}, "trace": 1}) == [("trace", "unknown_field")]
    assert found(document | {"name": "customer.teleported", "payload": {}}) == [("name", "new_value")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", [("$", "type")]),
        (b"\xff", [("$", "type")]),
        (b"[" * 501, [("$", "type")]),
        (b"null", [("$", "type")]),
        (b'{"tenant": "a", "payload": []}', [("name", "missing"), ("payload", "type")]),
    ],
)
def test_what_is_no_envelope_says_so(body: bytes, expected: list[tuple[str, str]]) -> None:
    assert [(deviation.field, deviation.kind) for deviation in deviations(body)] == expected


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("a.b", '"a.b"'), ("items[]", '"items[]"'), ("\ud800", '"\\\\ud800"'), ("x" * 999, f'"{"x" * 64}"'), ("", '""')],
)
def test_odd_names_are_quoted_and_cut(name: str, spelled: str) -> None:
    document = sample("refund_request.issued")
    document["payload"][name] = 1
    assert found(document) == [(f"payload.{spelled}", "unknown_field")]


def fields_of(model: type[Part]) -> dict[str, Field]:
    """Every field of a model and of what it holds, by path."""
    every: dict[str, Field] = {}
    for name, field in shape_of(model).fields.items():
        every[name] = field
        if field.container in {"object", "array"}:
            every |= {f"{name}.{inner}": other for inner, other in fields_of(field.part).items()}
    return every


@pytest.mark.parametrize("name", EVENT_MODELS)
def test_every_field_but_the_envelopes_names_can_deviate(name: str) -> None:
    """A kind of value unknown to the shape would be read, and never reported."""
    for path, field in fields_of(EVENT_MODELS[name]).items():
        if field.container in {"none", "map"} and path not in {"tenant", "name"}:
            with pytest.raises(ValueError, match=r"."):
                field.read([])


TEXTS = st.text(st.characters(), max_size=8)  # lone surrogates included
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({part.removesuffix("[]") for model in EVENT_MODELS.values() for part in fields_of(model)})
LIKE_PAYLOADS = st.recursive(
    JSON, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner | st.lists(inner, max_size=3), max_size=8)
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "tenant": st.just("acme") | JSON,
        "name": st.sampled_from(sorted(EVENT_MODELS)) | JSON,
        "published_at": JSON,
        "payload": LIKE_PAYLOADS,
        "other": JSON,
    },
)


@settings(deadline=None)
@given(JSON | EVENTS)
@example({"tenant": "a", "name": "order.opened", "payload": {"\ud800": 1, "items": [{"\ud800": {"\ud800": "\ud800"}}]}})
def test_no_json_makes_reading_or_comparing_fail(document: Any) -> None:
    body = json.dumps(document).encode()
    event = parse(body)
    event.model_dump()
    for deviation in deviations(body):
        assert len(deviation.field) < 600


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_make_comparing_fail(body: bytes) -> None:
    assert all(deviation.kind in Kind for deviation in deviations(body))


@pytest.mark.parametrize(
    "number", ["1e999999999", "-1E-999999999", "1e9999999999999999999", "9" * 5000, "-0", "NaN", "-Infinity"]
)
def test_no_number_makes_reading_fail_or_last(number: str) -> None:
    fields = shape_of(OrderPayload).fields
    payload = ", ".join(f'"{name}": {number}' for name in (*fields, "unknown"))
    body = f'{{"tenant": "a", "name": "order.opened", "payload": {{{payload}}}}}'.encode()
    parse(body).model_dump_json()
    deviations(body)


@settings(deadline=None)
@given(st.sampled_from(sorted(EVENT_MODELS)), LIKE_PAYLOADS.filter(lambda payload: isinstance(payload, dict)))
def test_what_is_told_to_be_of_another_type_is_what_reading_gives_up(name: str, payload: dict[str, Any]) -> None:
    """Reading and comparing share each scalar's reader; this holds the rest together."""
    body = json.dumps({"tenant": "a", "name": name, "payload": payload}).encode()
    told = {deviation.field for deviation in deviations(body) if deviation.kind is Kind.TYPE}
    event = parse(body)
    for field, shape in shape_of(type(event.payload)).fields.items():
        if shape.container in {"none", "object"}:
            given_up = payload.get(field) not in (None, "") and getattr(event.payload, field) is None
            assert (f"payload.{field}" in told) is given_up
