"""The largest order that is required: its row and document are bounded, and the same in any order of arrival."""

from collections.abc import Sequence
from random import Random

import orjson
import pytest

from bridge.settings import Settings
from processors.engine.unit import RECORD_OVERHEAD
from processors.orders.apply import apply
from processors.orders.fact import Fact, fact_of
from processors.orders.order_rules import OrderRules
from processors.orders.too_large import most_bytes
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import EVERYTHING, TENANT, Json, without_arrival
from tests.unit.processors.orders.largest_order import EVENTS, ITEMS, RETURNED, STORES, records

pytestmark = pytest.mark.thorough

AT_ONCE = 1_000
DEFAULT_BYTES = most_bytes(Settings(tenant=TENANT).max_message_bytes - RECORD_OVERHEAD)


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    found = [fact_of(record.value, dict(record.headers)) for record in records()]
    return [each for each in found if each is not None]


def folded(facts: Sequence[Fact], rules: OrderRules = EVERYTHING) -> tuple[bytes, bytes]:
    """Row and document of the order, whose events were joined many at once."""
    row: bytes | None = None
    for first in range(0, len(facts), AT_ONCE):
        applied = apply(row, facts[first : first + AT_ONCE], rules)
        row = applied.row
    assert row is not None
    return row, applied.state


def test_it_is_as_large_as_it_is_said_to_be_and_nothing_is_wrong_with_it(facts: list[Fact]) -> None:
    state = OrderState.model_validate_json(folded(facts)[1])
    assert (state.version, len(state.items), len(state.fulfillment_requests)) == (EVENTS, ITEMS, ITEMS * STORES)
    assert (state.status, state.item_counts) == ("completed", {"complete": ITEMS - RETURNED, "returned": RETURNED})
    assert (state.missing, state.contradictions, state.attention) == ([], [], [])


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_same_whatever_the_order_of_arrival(facts: list[Fact], seed: int) -> None:
    assert state_of(Random(seed).sample(facts, EVENTS)) == state_of(facts) == state_of(facts[::-1])


def state_of(facts: Sequence[Fact]) -> Json:
    state: Json = without_arrival(orjson.loads(folded(facts)[1]))
    return state


@pytest.mark.parametrize(
    ("most", "truncated"),
    [
        (DEFAULT_BYTES, []),
        (1_000_000, ["timeline", "fulfillment_requests.items"]),
        (
            500_000,
            ["timeline", "fulfillment_requests.items", "returns.items", "payments", "fulfillment_requests"],
        ),
    ],
)
def test_its_document_is_below_what_its_topic_takes(facts: list[Fact], most: int, truncated: list[str]) -> None:
    """With the default size of records the document is whole."""
    row, document = folded(facts, OrderRules(document_bytes=most))
    assert len(document) <= most
    assert orjson.loads(document)["truncated"] == truncated
    assert len(row) < DEFAULT_BYTES
