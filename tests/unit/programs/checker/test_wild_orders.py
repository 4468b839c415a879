"""Both folds agree on orders that nobody has, in which rules meet that seldom do."""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import ceil
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import settings

from processors.orders.order_rules import OrderRules
from schemas import order_state
from tests.programs.checker.facts import KNOWN
from tests.programs.checker.order_states import wrong_order_states
from tests.programs.checker.record import Record
from tests.unit.programs.checker.folded import PARTITIONS, states
from tests.unit.programs.checker.wild_orders import wild_orders

pytestmark = pytest.mark.thorough

ORDERS = 1_500
EACH_ORDERS = 150
"""For each name that is left out."""
SEEDS = range(2, 2 + ceil(settings().max_examples / ORDERS))
"""So that there are as many orders as the profile says, and these at least."""


def documents(found: Sequence[Record]) -> Iterator[dict[str, Any]]:
    return (json.loads(record.value or b"") for record in found)


@lru_cache(maxsize=1)
def folded(seed: int) -> list[Record]:
    return states(wild_orders(Random(seed), ORDERS))


@pytest.fixture(scope="module")
def found() -> list[Record]:
    return folded(SEEDS[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_both_folds_agree_on_wild_orders(seed: int) -> None:
    assert list(wrong_order_states(wild_orders(Random(seed), ORDERS), folded(seed), PARTITIONS)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_they_agree_on_what_each_of_them_waits_for(seed: int) -> None:
    marked = states(wild_orders(Random(seed), ORDERS), overdue=True)
    assert list(wrong_order_states(wild_orders(Random(seed), ORDERS), marked, PARTITIONS, overdue=True)) == []
    waits = {name.partition(":")[0] for document in documents(marked) for name in document["stalled"]}
    assert waits == {
        "order.opened",
        "order.completed",
        "fulfillment_request.items_completed",
        "payment_account.amount_captured",
        "payment_account.amount_refunded",
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("unheard", sorted(KNOWN))
def test_they_agree_on_what_is_not_known_without_an_event(unheard: str, seed: int) -> None:
    """It came all the same: what is known counts, and what else there may be of it does, too."""
    rules = OrderRules(events=KNOWN - {unheard})
    for overdue in (False, True):
        found = states(wild_orders(Random(seed), EACH_ORDERS), overdue=overdue, rules=rules)
        told = wild_orders(Random(seed), EACH_ORDERS)
        assert list(wrong_order_states(told, found, PARTITIONS, overdue=overdue, unheard=[unheard])) == []


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("status", order_state.OrderStatus),
        ("fulfillment_status", order_state.FulfillmentStatus),
        ("payment_status", order_state.PaymentStatus),
        ("return_status", order_state.ReturnStatus),
    ],
)
def test_they_have_every_status(found: list[Record], field: str, values: Any) -> None:
    expected = set(get_args(values))
    if field in {"fulfillment_status", "return_status"}:
        expected -= {"unknown"}  # as all events are subscribed to
    assert {document[field] for document in documents(found)} >= expected


@pytest.mark.parametrize(
    ("part", "field", "values"),
    [
        ("items", "status", order_state.ItemStatus),
        ("fulfillment_requests", "status", order_state.RequestStatus),
        ("contradictions", "kind", order_state.ContradictionKind),
        ("attention", "kind", order_state.AttentionKind),
    ],
)
def test_they_have_all_that_can_be_in_a_part(found: list[Record], part: str, field: str, values: Any) -> None:
    parts = [document[part] for document in documents(found)]
    members = [member for each in parts for member in (each.values() if isinstance(each, dict) else each)]
    assert {member[field] for member in members} >= set(get_args(values))
