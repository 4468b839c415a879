"""Key strings, record keys, orders and ce_id of events."""

from typing import Any

import pytest

from schemas.envelope import Envelope, read_envelope
from schemas.events import EVENT_NAMES
from schemas.identity import identify
from schemas.keytable import KeyTable
from schemas.routing import aggregate_of, order_id_of
from tests.contract.golden import about, body_of, sample, vectors

TABLE = KeyTable.shipped()
EVERY_KEY_FIELD = {
    "transactions": [{"id": "t-2"}, {"id": "t-10"}],
    "id": "e-1",
    "order_id": "o-1",
    "logical_timestamp": 7,
    "chunk_number": 2,
}


def test_the_vectors_name_the_42_documented_events() -> None:
    assert len(EVENT_NAMES) == 42
    assert sorted(EVENT_NAMES) == sorted(vector["name"] for vector in vectors("event_keys"))


@pytest.mark.parametrize("vector", vectors("event_keys"), ids=lambda vector: vector["name"])
def test_a_documented_event_has_the_key_and_place_of_the_contract(vector: dict[str, Any]) -> None:
    name = vector["name"]
    identity = identify(Envelope("t", name, "2020-01-02T03:04:05.600Z", EVERY_KEY_FIELD), TABLE.rule(name))
    assert (identity.ce_id, identity.entity_key) == (f"t/{name}/{vector['key']}", vector["entity_key"])
    assert (aggregate_of(name), order_id_of(name, EVERY_KEY_FIELD)) == (vector["aggregate"], vector["order_id"])
    assert TABLE.rule(name).documented == vector["documented"]


@pytest.mark.parametrize("vector", vectors("identities"), ids=about)
def test_an_odd_event_has_the_identity_of_the_contract(vector: dict[str, Any]) -> None:
    envelope = read_envelope(body_of(vector))
    identity = identify(envelope, TABLE.rule(envelope.name))
    found = {
        "key": identity.ce_id.rpartition("/")[2],
        "payload_hash": identity.payload_hash,
        "instant": identity.instant,
        "entity_key": identity.entity_key,
        "order_id": order_id_of(envelope.name, envelope.payload),
        "ce_id": identity.ce_id,
    }
    assert found == {field: vector[field] for field in found}


@pytest.mark.parametrize("vector", vectors("aggregates"), ids=lambda vector: vector["name"])
def test_the_entity_alone_decides_the_aggregate(vector: dict[str, Any]) -> None:
    assert aggregate_of(vector["name"]) == vector["aggregate"]


@pytest.mark.parametrize(
    ("name", "ce_id", "entity_key"),
    [
        ("order.opened", "9c265ffa-5149-4ad7-8b7d-d59346586877", "9c265ffa-5149-4ad7-8b7d-d59346586877"),
        (
            "order.items_cancelled",
            "1431b891-c056-4f80-9d34-06479b383417:v1%3A5ed7ffb8d0e61af5739b075e96c975af:2010-01-01T12%3A00%3A00Z",
            "1431b891-c056-4f80-9d34-06479b383417",
        ),
        ("fulfillment_request.items_completed", "437241d711a3852d2003:6728211", "7e25b2e-b32d-41eb166c9a2e"),
        ("return.processed", "46017695-dbc9-4a62-86d0-041787c79607", "400c8e32-979a-4871-8bbd-2eabc6a316ac"),
        ("refund_request.issued", "93ae9173-9497-4e10-9949-d113a2e90390", "f115c3b1-8ced-492f-ac4e-38c75700e837"),
        (
            "inventory_transaction.items_received",
            "569bd25d-5507-4d3f-b734-4c2468c94ab9:1",
            "569bd25d-5507-4d3f-b734-4c2468c94ab9",
        ),
    ],
)
def test_a_real_event_has_this_identity(name: str, ce_id: str, entity_key: str) -> None:
    identity = identify(read_envelope(sample(name)), TABLE.rule(name))
    assert identity.ce_id == f"demo-tenant/{name}/{ce_id}"
    assert identity.entity_key == entity_key


def test_no_shipped_rule_changes_but_on_purpose() -> None:
    """Every deployment would have to migrate its topics. A rule may be added: `topics apply` adopts it."""
    assert KeyTable.shipped_before().fingerprint == "1-bdf17722e3c3"
    for name, rule in KeyTable.shipped_before().rules.items():
        assert TABLE.rule(name) == rule
