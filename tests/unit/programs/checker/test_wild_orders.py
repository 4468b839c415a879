"""Both folds agree on orders that nobody has, in which rules meet that seldom do."""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache, partial
from math import ceil
from random import Random
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import settings

from processors.orders.fact import Fact
from processors.orders.order_rules import OrderRules
from schemas import order_state
from tests.programs.checker.expected import Expected
from tests.programs.checker.facts import KNOWN
from tests.programs.checker.order_states import wrong_order_states
from tests.programs.checker.record import Record
from tests.unit.processors.orders.facts import EVERYTHING
from tests.unit.programs.checker.folded import PARTITIONS, facts_of, fold, overdue, states
from tests.unit.programs.checker.wild_orders import wild_orders

pytestmark = pytest.mark.thorough

ORDERS = 1_500
EACH_ORDERS = 150
"""Orders for each event name that is left out."""
SEEDS = range(2, 2 + ceil(settings().max_examples / ORDERS))
"""Enough for the profile's number of orders, and one at least."""


def documents(found: Sequence[Record]) -> Iterator[dict[str, Any]]:
    return (json.loads(record.value or b"") for record in found)


class Wild(NamedTuple):
    """Orders: their events as told, and as facts."""

    told: list[Expected]
    facts: dict[bytes, list[Fact]]


def wild(seed: int, orders: int) -> Wild:
    told = [*wild_orders(Random(seed), orders)]
    return Wild(told, facts_of(told))


@lru_cache(maxsize=1)
def late_of(seed: int) -> list[Record]:
    """The states of orders on which both folds agree."""
    return late_where_folds_agree(wild(seed, ORDERS))


few = lru_cache(maxsize=len(SEEDS))(partial(wild, orders=EACH_ORDERS))
"""Made once for all names that are left out."""


def late_where_folds_agree(orders: Wild, rules: OrderRules = EVERYTHING, unheard: Collection[str] = ()) -> list[Record]:
    """Return the states of orders that have waited too long, which equal the checker's. Before, they were the same but
    for these marks, so the checker, which takes longest, need not look twice."""
    in_time = fold(orders.facts, rules)
    late = states(overdue(in_time, rules))
    for before, after in zip(documents(states(in_time)), documents(late), strict=True):
        assert before == {**after, "revision": before["revision"], "incomplete": False, "stalled": []}
    assert list(wrong_order_states(orders.told, late, PARTITIONS, overdue=True, unheard=unheard)) == []
    return late


@pytest.fixture(scope="module")
def found() -> list[Record]:
    return late_of(SEEDS[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_both_folds_agree_on_wild_orders_and_on_what_each_of_them_waits_for(seed: int) -> None:
    waits = {name.partition(":")[0] for document in documents(late_of(seed)) for name in document["stalled"]}
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
    """The event came all the same: what is known counts, and so does what else there may be."""
    late_where_folds_agree(few(seed), OrderRules(events=KNOWN - {unheard}), [unheard])


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
