"""What every event model has, and what the package needs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from schemas.events import EVENT_NAMES
from schemas.models import EVENT_MODELS, EventModel, parse
from schemas.models.deviations import Kind, deviations_of

SAMPLES = sorted((Path(__file__).parents[3] / "data" / "samples").glob("*.json"))
MODES: tuple[Literal["validation", "serialization"], ...] = ("validation", "serialization")

NOT_PUBLIC = {
    *("order.shipped", "order.items_swapped", "order.items_on_hold", "order.serial_numbers_added", "invoice.created"),
    *(f"inventory_transaction.{name}" for name in ("items_ready_for_handover", "asn_closed")),
    *(f"inventory_transaction.transfer_order_{name}" for name in ("created", "closed")),
    *(name for name in EVENT_NAMES if name.startswith(("customer.", "employee.", "cash_drawer.", "gift_card."))),
}

WITHOUT_THE_REST = """
import importlib.abc, pathlib, sys

class OnlyPydantic(importlib.abc.MetaPathFinder):
    allowed = {*sys.stdlib_module_names, "schemas", "pydantic", "pydantic_core"}
    allowed |= {"typing_extensions", "typing_inspection", "annotated_types"}  # what pydantic requires

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in self.allowed and not name.startswith("_sysconfigdata"):
            raise ImportError(f"{name} is neither pydantic nor of the standard library")

sys.meta_path.insert(0, OnlyPydantic())
import schemas.models, schemas.models.deviations
for sample in sys.argv[1:]:
    print(schemas.models.parse(pathlib.Path(sample).read_bytes()).name)
"""


def test_every_documented_event_has_a_model_and_nothing_else_has() -> None:
    assert tuple(EVENT_MODELS) == EVENT_NAMES
    assert len(EVENT_MODELS) == 42


@pytest.mark.thorough
def test_the_models_need_pydantic_and_nothing_else() -> None:
    command = [sys.executable, "-c", WITHOUT_THE_REST, *map(str, SAMPLES)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.stdout.split() == [sample.stem for sample in SAMPLES]
    blocked = subprocess.run(
        [sys.executable, "-c", f"{WITHOUT_THE_REST}\nimport orjson"], capture_output=True, text=True, check=False
    )
    assert "orjson is neither pydantic" in blocked.stderr


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_every_sample_is_read_by_its_model_and_leaves_no_field_over(sample: Path) -> None:
    event = parse(sample.read_bytes())
    assert type(event) is EVENT_MODELS[sample.stem]
    assert not list(unknown(event.model_dump(), json.loads(sample.read_bytes())))


def unknown(read: Any, written: Any) -> list[str]:
    """Fields of the JSON whose value the model has lost."""
    if isinstance(written, dict):
        return [name for name in written if not same(read.get(name), written[name])]
    return []


def same(read: Any, written: Any) -> bool:
    if isinstance(written, dict):
        return not unknown(read, written)
    if isinstance(written, list):
        return len(read) == len(written) and all(map(same, read, written))
    return read is not None and (written is None or bool(read) == bool(written) or str(read) == str(written))


SEEN_LATER: dict[str, dict[str, Any]] = {
    "order.completed": {"capture_type": "pos", "items": [{"id": "line-1", "shipping_method": "standard"}]},
    "return.processed": {
        "id": "return-1",
        "external_order_id": "W-1",
        "blind_order_id": "blind-1",
        "associate_email": "bo@example.com",
        "items": [{"id": "line-1", "item_type": "shipping", "adjustment_reason": "late"}],
    },
    "refund_request.issued": {"id": "request-1", "associate_id": "4", "associate_email": "bo@example.com"},
    "customer.created": {
        "id": "customer-1",
        "email": "ada@example.com",
        "source": {"location_id": "store-1", "associate_id": "4", "associate_name": "Bo", "associate_email": ""},
        "created_at": "2026-01-01T00:00:00Z",
        "revision": 3,
    },
}


@pytest.mark.parametrize("name", SEEN_LATER)
def test_fields_that_nobody_documents_and_that_were_seen_are_fields_of_the_models(name: str) -> None:
    body = {"tenant": "acme", "name": name, "published_at": "2026-01-01T00:00:00Z", "payload": SEEN_LATER[name]}
    written = parse(json.dumps(body).encode()).model_dump(exclude_unset=True)
    assert same(written["payload"], SEEN_LATER[name])
    assert not [each for each in deviations_of(body) if each.kind is not Kind.MISSING]


@pytest.mark.parametrize("name", EVENT_NAMES)
def test_a_model_explains_itself_and_says_whether_its_fields_are_public(name: str) -> None:
    model = EVENT_MODELS[name]
    assert model.payload_published is (name not in NOT_PUBLIC)
    for mode in MODES:
        schema = model.model_json_schema(mode=mode)
        assert schema["description"] == model.__doc__
        assert schema["x-payload-published"] is model.payload_published
        assert schema["properties"]["name"]["const"] == name
        assert schema["required"] == ["tenant", "name", "payload"]
        assert all(part.get("description") for part in schema["$defs"].values())


@pytest.mark.parametrize(("mode", "kind"), [("validation", ["number", "string"]), ("serialization", "string")])
def test_the_schema_tells_money_and_times_as_they_are_read_and_written(mode: Any, kind: Any) -> None:
    schema = EVENT_MODELS["order.opened"].model_json_schema(mode=mode)
    order = schema["$defs"]["OrderPayload"]["properties"]
    amount, moment = order["grand_total"]["anyOf"][0], order["placed_at"]["anyOf"][0]
    assert (amount["type"], amount["format"]) == (kind, "decimal")
    assert (moment["type"], "format" in moment) == ("string", mode == "serialization")  # NewStore leaves zones out
    assert ("pattern" in amount) is ("pattern" in moment) is (mode == "serialization")
    assert order["channel_type"]["anyOf"][0]["enum"] == ["store", "web", "mobile"]
    items = order["items"] if mode == "serialization" else order["items"]["anyOf"][0]
    assert items["items"] == {"$ref": "#/$defs/OrderItem"}


def test_every_event_model_is_of_one_family() -> None:
    assert all(issubclass(model, EventModel) for model in EVENT_MODELS.values())
    assert len(set(EVENT_MODELS.values())) == 42
