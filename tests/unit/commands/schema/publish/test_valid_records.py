"""What topics hold is valid by the published schemas, formats included, and two validators say so."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final

import jsonschema_rs
import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from commands.schema.publish import files
from schemas.models import EVENT_MODELS, Part
from schemas.models.deviations import Kind, deviations, deviations_of
from schemas.models.shape import shape_of
from tests import records

pytestmark = pytest.mark.thorough

Json = dict[str, Any]
Problems = Callable[[Any], list[str]]

SCHEMAS: Final[dict[str, Json]] = {
    name: orjson.loads(text) for name, text in files.read(files.COMMITTED, ".json").items()
}
PROFILES = ("", "reader/")
SHARE: Final = 8
"""The validator in Python takes a hundred times as long, so it looks at every eighth record only."""


def in_rust(schema: Json) -> Problems:
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    return lambda value: [error.message for error in validator.iter_errors(value)]


def in_python(schema: Json) -> Problems:
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return lambda value: [error.message for error in validator.iter_errors(value)]


VALIDATORS = {"rust": in_rust, "python": in_python}


@cache
def validator_of(schema: str, validator: str) -> Problems:
    return VALIDATORS[validator](SCHEMAS[f"{schema}.json"])


def problems(profile: str, validator: str, bodies: Iterable[bytes]) -> Iterator[str]:
    for body in bodies:
        event = orjson.loads(body)
        yield from validator_of(f"{profile}events/{event['name']}", validator)(event)


def some(values: tuple[bytes, ...], validator: str) -> tuple[bytes, ...]:
    return values if validator == "rust" else values[::SHARE]


@pytest.mark.parametrize("validator", VALIDATORS)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_simulated_event_is_valid(profile: str, validator: str) -> None:
    assert {orjson.loads(body)["name"] for body in records.events()} == set(EVENT_MODELS)
    assert not list(problems(profile, validator, some(records.events(), validator)))


@pytest.mark.parametrize("validator", VALIDATORS)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_sample_is_valid(profile: str, validator: str) -> None:
    assert len(records.samples()) == 6
    assert not list(problems(profile, validator, records.samples()))


@pytest.mark.parametrize("validator", VALIDATORS)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_order_state_is_valid(profile: str, validator: str) -> None:
    found = validator_of(f"{profile}order-state", validator)
    assert len(records.states()) > 250
    assert not [problem for state in some(records.states(), validator) for problem in found(orjson.loads(state))]


@pytest.mark.parametrize("validator", VALIDATORS)
def test_an_oddity_is_invalid_only_where_no_model_can_read_it(validator: str) -> None:
    """Those are records with a field of another type than documented, and no others."""
    valid = 0
    for body in records.oddities():
        event = orjson.loads(body)
        found = list(problems("", validator, [body])) if event["name"] in EVENT_MODELS else []
        valid += not found
        assert bool(found) <= any(each.kind is Kind.TYPE for each in deviations(body)), found
    assert valid > 120


@pytest.mark.parametrize("name", EVENT_MODELS)
def test_null_and_an_empty_text_stand_for_an_absent_value_in_every_field(name: str) -> None:
    found = validator_of(f"events/{name}", "rust")
    payload = EVENT_MODELS[name].model_fields["payload"].annotation
    assert isinstance(payload, type)
    assert issubclass(payload, Part)
    for said in emptied(payload):
        event = {"tenant": "a", "name": name, "payload": said}
        assert not [each for each in deviations_of(event) if each.kind is Kind.TYPE], said
        assert found(event) == [], said


def emptied(model: type[Part]) -> Iterator[Json]:
    """Objects with one of the model's fields, empty; also with one field of a part."""
    for name, field in shape_of(model).fields.items():
        yield from ({name: None}, {name: ""})
        if field.container == "object":
            yield from ({name: part} for part in emptied(field.part))
        elif field.container == "array":
            yield from ({name: [part]} for part in emptied(field.part))
        elif field.container == "map":
            yield from ({name: {"key": None}}, {name: {"key": ""}})


@pytest.mark.parametrize("validator", VALIDATORS)
def test_a_format_is_asserted(validator: str) -> None:
    """Otherwise their silence would mean nothing."""
    assert VALIDATORS[validator]({"type": "string", "format": "ipv4"})("300.0.0.1")
