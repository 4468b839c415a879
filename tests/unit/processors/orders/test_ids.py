"""An order is found by all ids that any of its facts named, whatever came first or again."""

from collections.abc import Sequence

import pytest
from hypothesis import given

from processors.orders import older_rows
from processors.orders.apply import apply, begun_with
from processors.orders.fact import Fact
from processors.orders.ids import Id, ids_in, ids_of, normalised
from processors.orders.row import dump, load
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    back,
    clock,
    fact,
    items,
    paid,
    pieces,
    request,
    state_of,
)
from tests.unit.processors.orders.lifecycles import LIVES_WITH_CONFLICTS, often

EXCHANGE = [{"order_id": "order-0", "return_id": "return-0"}, {"order_id": "order-00"}, {"return_id": "return-00"}]


def found_by(*facts: Fact) -> set[Id]:
    """Return the ids that are written, fact by fact."""
    row: bytes | None = None
    ids: list[Id] = []
    for each in facts:
        applied = apply(row, [each], EVERYTHING)
        row = applied.row
        ids += applied.ids
    assert len(ids) == len(set(ids)), "an id was written twice"
    return set(ids)


@pytest.mark.parametrize(
    ("told", "ids"),
    [
        ([fact("order.created", external_id="0042")], {("external", "0042")}),
        ([fact("order.created", external_id="1"), fact("order.opened", clock(1), external_id="2")], {
            ("external", "1"), ("external", "2")
        }),
        ([fact("order.opened", exchanges=EXCHANGE)], {
            ("exchange_of", "order-0"), ("exchange_return", "return-0"),
            ("exchange_of", "order-00"), ("exchange_return", "return-00"),
        }),
        ([request("items_completed", 1, "A", request_id="r")], {("request", "r")}),
        ([fact("fulfillment_request.items_completed", id="r", items=items("A", "B", tracking_code="1Z"))], {
            ("request", "r"), ("tracking", "1Z")
        }),
        ([paid("captured", 1, "t", 5), paid("refunded", 2, "t", 5)], {("transaction", "t")}),
        ([back("return-1", 1, pieces("A"))], {("return", "return-1")}),
        ([fact("refund_request.issued", id="ask", amount=5)], {("refund_request", "ask")}),
        ([fact("order.items_on_hold", items=items("A")), fact("invoice.created", id="i")], set()),
    ],
)  # fmt: skip
def test_by_these_an_order_is_found(told: Sequence[Fact], ids: set[Id]) -> None:
    assert found_by(*told) == ids


def test_what_is_no_longer_shown_still_finds_it() -> None:
    first = fact("fulfillment_request.items_completed", clock(1), id="r", items=items("A", tracking_code="old"))
    second = fact("fulfillment_request.items_completed", clock(2), id="r", items=items("A", tracking_code="new"))
    assert {("tracking", "old"), ("tracking", "new")} < found_by(first, second)


@often
@given(LIVES_WITH_CONFLICTS)
def test_the_row_knows_all_ids_that_any_of_its_facts_named(facts: list[Fact]) -> None:
    """So all index rows of an order can be removed with its row."""
    row = load(apply(None, facts, EVERYTHING).row)
    assert found_by(*facts) == set(ids_in(row.slots)) == {each for one in facts for each in ids_of(one.said, one.key)}
    assert len(set(ids_in(row.slots))) == len(ids_in(row.slots))


def test_an_order_without_news_is_found_by_no_new_id() -> None:
    created = fact("order.created", external_id="42")
    row = apply(None, [created], EVERYTHING).row
    assert apply(row, [created], EVERYTHING).ids == []
    assert apply(row, [fact("order.opened", clock(1), external_id="42")], EVERYTHING).ids == []


def test_a_row_that_no_table_has_is_found_by_all_of_its_ids() -> None:
    row = load(apply(None, [fact("order.created", external_id="42")], EVERYTHING).row)
    assert list(begun_with(row, EVERYTHING).ids) == [("external", "42")]


def test_a_row_from_before_there_was_an_index_is_found_by_what_it_shows() -> None:
    told = [
        fact("order.opened", external_id="42", exchanges=EXCHANGE[:1]),
        fact("fulfillment_request.items_completed", clock(1), id="r", items=items("A", tracking_code="1Z")),
    ]
    row = load(apply(None, told, EVERYTHING).row)
    known = set(ids_in(row.slots))
    row.slots.external_ids, row.slots.tracking_codes = [], []
    row.slots.exchange_orders, row.slots.exchange_returns = [], []
    before = load(dump(row))
    older_rows.read_again(before, (), {})
    assert set(ids_in(before.slots)) == known


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("external", "00042", "42"),
        ("external", " A-0Ö ", "a-0ö"),
        ("external", "000", ""),
        ("tracking", "001Z", "001Z"),
        ("return", "ABC", "ABC"),
    ],
)
def test_external_ids_are_typed_in_many_ways(kind: str, text: str, found: str) -> None:
    assert normalised(kind, text) == found


@pytest.mark.parametrize(
    ("event", "part", "kind"),
    [
        ("fulfillment_request.assigned", "fulfillment_requests", "request"),
        ("return.processed", "returns", "return"),
        ("refund_request.issued", "refund_requests", "refund_request"),
        ("invoice.created", "invoices", None),
    ],
)
def test_a_thing_has_the_id_that_its_event_gives_it_and_not_its_key(event: str, part: str, kind: str | None) -> None:
    """Keys have escapes for some characters of ids."""
    made = fact(event, id="a/ü 1")
    assert made.key != "a/ü 1"
    assert list(state_of(made)[part]) == ["a/ü 1"]
    assert found_by(made) == ({(kind, "a/ü 1")} if kind else set())
