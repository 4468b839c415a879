"""Pages of gaps: which orders they show, and what all pages come to."""

from typing import Any

import pytest

from processors.orders.apply import mark_late
from processors.orders.table import OrderWriter, row_key
from processors.worker.queries.gap_page import gap_page, gaps_in, window_of
from processors.worker.queries.questions import GAPS, TOTALS
from schemas.order_answers import Gap, Gaps
from tests.unit.processors.orders.facts import items
from tests.unit.processors.orders.units import TOPICS, FakeUnit
from tests.unit.processors.worker.queries.exact import read
from tests.unit.processors.worker.queries.network import CALLER, ME, OTHER, Network
from tests.unit.processors.worker.queries.partitions import RULES, FakeOwners, Shop, Told
from tests.unit.processors.worker.queries.test_local import created, lines, opened

LATER = 1 << 45
CREATED, OPENED, CAPTURED = "order.created", "order.opened", "payment_account.amount_captured"


def completed(order: str) -> Told:
    return "order.completed", {"id": order, "items": items("A", status="complete")}


def marked(shop: Shop) -> Shop:
    """The same shop, once all its orders have waited for too long."""
    for table in shop.tables:
        unit: Any = FakeUnit([], table.rows, now_ms=LATER)
        orders = OrderWriter(unit, TOPICS)
        for key, row in list(table.rows.items()):
            if row is not None and key.startswith(row_key(b"")):
                applied = mark_late(row, LATER, RULES)
                orders.write(key.removeprefix(row_key(b"")).decode(), applied, LATER)
        orders.close()
    return shop


SHOP = marked(Shop().tell(opened("a"), created("b"), completed("c"), opened("whole"), created("whole"), completed("d")))


async def waiting(by: str = "") -> dict[str, list[str]]:
    return {line["order_id"]: [gap["name"] for gap in line["gaps"]] for line in await lines(SHOP, by, "true", GAPS)}


async def test_orders_are_there_that_are_incomplete_or_stalled_those_first_that_have_waited_longest() -> None:
    assert await waiting() == {
        "a": [CREATED],
        "b": [OPENED],
        "c": [CREATED, OPENED, CAPTURED],
        "d": [CREATED, OPENED, CAPTURED],
    }
    assert [line["order_id"] for line in await lines(SHOP, "", "", GAPS)] == ["a", "b", "c", "d"]


async def test_or_only_those_of_one_list() -> None:
    assert (await waiting("stalled")).keys() == {"b", "c", "d"}
    assert (await waiting("incomplete")).keys() == {"a", "c", "d"}


async def test_each_partition_counts_its_own_orders() -> None:
    counts = await lines(SHOP, "", "", TOTALS)
    assert sum(each.get("incomplete", 0) for each in counts) == 3
    assert sum(each.get("stalled", 0) for each in counts) == 3


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("", [CREATED, OPENED, CREATED, OPENED, CAPTURED, CREATED, OPENED, CAPTURED]),
        ("stalled", [OPENED, CAPTURED, CAPTURED]),
        ("incomplete", [CREATED, CREATED, OPENED, CREATED, OPENED]),
    ],
)
async def test_whoever_is_asked_answers_with_the_gaps_of_all_workers_page_by_page(only: str, names: list[str]) -> None:
    network = Network(SHOP)
    whole = await network.queries[ME].gaps(CALLER, only=only)
    assert whole.body | {"as_of": ""} == (await network.queries[OTHER].gaps(CALLER, only=only)).body | {"as_of": ""}
    page = read(Gaps, whole.body)
    assert [gap.name for gap in page.gaps] == names
    assert (page.orders.incomplete, page.orders.stalled, page.next) == (3, 3, None)
    first = await network.queries[ME].gaps(CALLER, only=only, limit=1)
    rest = await network.queries[ME].gaps(CALLER, only=only, after=first.body["next"])
    assert first.body["gaps"] + rest.body["gaps"] == whole.body["gaps"]


async def test_without_gaps_there_is_nothing_to_replay() -> None:
    answer = await Network(Shop().tell(opened("a"))).queries[ME].gaps(CALLER)
    assert {name: answer.body[name] for name in ("gaps", "orders", "window", "next")} == {
        "gaps": [],
        "orders": {"incomplete": 0, "stalled": 0},
        "window": None,
        "next": None,
    }


async def test_what_is_no_list_is_no_question_and_where_a_worker_is_away_nobody_knows() -> None:
    network = Network(SHOP)
    assert (await network.queries[ME].gaps(CALLER, only="late")).status == 400
    network.away.add(OTHER)
    assert (await network.queries[ME].gaps(CALLER)).status == 503
    assert FakeOwners(SHOP, ()).here(0) is None


def window(start: str, end: str | None, *, guessed: bool = False) -> dict[str, Any]:
    return {"from": start, "to": end, "guessed": guessed}


def test_a_window_of_windows_holds_all_of_them() -> None:
    assert window_of([]) is None
    assert window_of([window("2", "3"), window("1", "2")]) == window("1", "3")
    assert window_of([window("2", None), window("1", "2", guessed=True)]) == window("1", None, guessed=True)


def test_a_page_has_an_entry_for_each_gap() -> None:
    gap = {"name": "x", "kind": "missing", "since": "t", "window": window("1", "2")}
    page = {"gaps": [{"order_id": "a", "gaps": [gap, {**gap, "kind": "stalled"}]}], "next": "n"}
    found = gap_page(page, gaps_in(page, "stalled"), [{"stalled": 2}, {"incomplete": 1}], {})
    assert found["gaps"] == [{"order_id": "a", **gap, "kind": "stalled", "settled_by_exchange": None}]
    assert (found["orders"], found["next"]) == ({"incomplete": 1, "stalled": 2}, "n")


async def test_of_a_return_without_refund_it_is_told_which_order_is_in_exchange_for_it() -> None:
    """Only the exchange order knows."""
    returned = [("return.processed", {"id": f"r-{n}", "order_id": "a", "total_refund_amount": 5}) for n in range(2)]
    exchange = created("new", exchanges=[{"order_id": "a", "return_id": "r-1"}])
    asked = ("refund_request.issued", {"id": "ask-1", "order_id": "a", "amount": 5, "currency": "EUR"})
    shop = marked(Shop().tell(created("a"), opened("a"), *returned, asked, exchange))
    answer = await Network(shop).queries[ME].gaps(CALLER)
    page = read(Gaps, answer.body)
    assert all(gap.keys() == Gap.model_fields.keys() for gap in answer.body["gaps"])
    assert {gap.name: gap.settled_by_exchange for gap in page.gaps} == {
        "payment_account.amount_refunded:r-0": [],
        "payment_account.amount_refunded:r-1": ["new"],
        "payment_account.amount_refunded:ask-1": None,
        OPENED: None,
    }
