"""The reader's profile has what code generators need: names, and one type and words for each field."""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson
import pytest

from commands.schema.publish import files
from commands.schema.publish.reader_profile import KNOWN, profile_of
from schemas.models import EVENT_MODELS

Json = dict[str, Any]

WHOLE: Final[Json] = orjson.loads((files.COMMITTED / "reader/types.json").read_bytes())
TYPES: Final[dict[str, Json]] = WHOLE["$defs"]
OTHERS = {"order-state", "order-lines", "envelope", "oversize-stub"}
ONE_FILE_EACH = {f"events/{name}" for name in EVENT_MODELS} | OTHERS


def fields() -> Iterator[tuple[str, str, Json]]:
    for name, schema in TYPES.items():
        for field, value in schema.get("properties", {}).items():
            yield name, field, value


def made(field: Json, **parts: Json) -> Json:
    """A profile with this one field."""
    profile: Json = profile_of({"type": "object", "properties": {"it": field}, "$defs": parts}, "Whole")
    return profile


def test_every_field_has_one_type_that_may_be_null() -> None:
    assert len(list(fields())) > 500
    for name, field, schema in fields():
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        assert len([kind for kind in kinds if kind != "null"]) + ("$ref" in schema) == 1, f"{name}.{field}"


def test_nothing_is_a_union_or_a_closed_list() -> None:
    text = orjson.dumps(WHOLE).decode()
    assert not re.findall(r'"(?:anyOf|oneOf|allOf|enum|format":"date-time)"', text)


def test_every_type_has_a_name_of_its_own_in_pascal_case() -> None:
    assert all(schema["title"] == name for name, schema in TYPES.items())
    assert all(re.fullmatch(r"([A-Z][a-z0-9]+)+", name) for name in TYPES)
    assert all("$ref" in field["items"] or "type" in field["items"] for *_, field in fields() if "items" in field)
    assert not [name for name, _, field in fields() if field.get("type") == "object"]


def test_every_type_and_every_field_is_explained() -> None:
    assert not [f"{name}.{field}" for name, field, schema in fields() if not schema.get("description")]
    assert all(schema["description"] for schema in TYPES.values())


def test_no_two_fields_of_a_type_are_one_in_another_spelling() -> None:
    for name, schema in TYPES.items():
        spellings = [field.replace("_", "").lower() for field in schema.get("properties", {})]
        assert len(spellings) == len(set(spellings)), name


def test_each_schema_alone_says_what_the_whole_says() -> None:
    folder = files.COMMITTED / "reader"
    alone = {name: orjson.loads((folder / f"{name}.json").read_bytes()) for name in ONE_FILE_EACH}
    for schema in alone.values():
        assert schema["properties"] == TYPES[schema["title"]]["properties"]
        assert schema.get("$defs", {}).items() <= TYPES.items()
    assert set(WHOLE["properties"]) == {schema["title"] for schema in alone.values()}


def test_asyncapi_is_of_the_version_that_generators_know_and_has_the_same_topics() -> None:
    ours, latest = (
        orjson.loads((files.COMMITTED / file).read_bytes()) for file in ("reader/asyncapi.json", "asyncapi.json")
    )
    assert (ours["asyncapi"], latest["asyncapi"]) == ("3.0.0", "3.1.0")
    assert ours["channels"] == latest["channels"]
    assert ours["components"]["schemas"]["order.created"]["title"] == "OrderCreated"


@pytest.mark.parametrize(
    ("tolerant", "readers"),
    [
        ({"anyOf": [{"type": ["string", "number"]}, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"type": ["number", "string"], "format": "decimal"}, {"type": "number", "format": "decimal"}),
        ({"type": ["integer", "string"]}, {"type": "integer"}),
        ({"type": ["string", "number"], "x-seen": "integer"}, {"type": "integer"}),
        ({"type": "array", "items": {"type": ["string", "number"]}}, {"type": "array", "items": {"type": "string"}}),
    ],
)
def test_a_field_is_of_its_usual_type(tolerant: Json, readers: Json) -> None:
    assert made(tolerant)["properties"]["it"] == readers


def test_an_open_list_of_values_is_a_string_that_says_what_is_known() -> None:
    tolerant = {"description": "It.", "anyOf": [{"enum": ["a", "b"], "type": "string"}, {"type": "string"}]}
    wanted = {"type": "string", KNOWN: ["a", "b"], "description": "It. Known: `a`, `b`; others may come."}
    assert made(tolerant)["properties"]["it"] == wanted


def test_a_map_is_a_type_named_by_what_it_holds() -> None:
    profile = made({"type": "object", "additionalProperties": {"$ref": "#/$defs/Part"}}, Part={"type": "object"})
    assert profile["properties"]["it"] == {"$ref": "#/$defs/PartMap"}
    assert profile["$defs"]["PartMap"]["additionalProperties"] == {"$ref": "#/$defs/Part"}


def test_a_part_that_may_be_null_says_so_itself() -> None:
    profile = made({"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]}, Part={"type": "object"})
    assert profile["$defs"]["Part"]["type"] == ["object", "null"]


def test_a_name_that_another_has_is_told_apart() -> None:
    schema = {"type": "object", "properties": {"it": {"$ref": "#/$defs/Part"}}, "$defs": {"Part": {"type": "object"}}}
    profile = profile_of(schema, "Whole", {"Part"})
    assert profile["properties"]["it"]["$ref"] == "#/$defs/StatePart"
    assert profile["$defs"]["StatePart"]["title"] == "StatePart"


def test_a_list_that_may_be_a_map_is_a_list_and_says_what_its_members_are_made_of() -> None:
    or_map = {"type": "object", "additionalProperties": {"type": "string"}, "x-or-map": ["name", "value"]}
    profile = made({"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Part"}}, or_map]}, Part={"type": "object"})
    it = profile["properties"]["it"]
    assert (it["type"], it["x-or-map"]) == ("array", ["name", "value"])
    assert profile["$defs"].keys() == {"Part"}


def test_a_field_of_several_types_is_refused() -> None:
    with pytest.raises(ValueError, match="it has several types"):
        made({"anyOf": [{"type": "string"}, {"type": "boolean"}]})
