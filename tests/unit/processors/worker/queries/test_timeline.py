"""Pages of a timeline, as things happened and as they arrived."""

from typing import Any

from processors.orders.apply import apply
from processors.orders.row import Row, load
from processors.worker.queries.one_order import OneOrder
from processors.worker.queries.pages import place_of
from processors.worker.queries.timeline import TimelineOrder, kind_of_timeline
from tests.unit.processors.orders.facts import EVERYTHING, clock, fact, items


def row_of(*facts: Any) -> Row:
    return load(apply(None, facts, EVERYTHING).row)


FACTS = (
    fact("order.completed", clock(50), n=1),
    fact("order.created", clock(0), n=7),
    fact("order.opened", clock(10), n=3),
    fact("invoice.created", clock(20), n=3, id="i"),
)
ROW = row_of(*FACTS)


def pages(row: Row, order: TimelineOrder, limit: int) -> list[list[str]]:
    found, after = list[list[str]](), b""
    while True:
        page = OneOrder.timeline(row, order, after, limit)
        assert (page["count"], page["order_id"], page["order"]) == (len(row.facts), row.order_id, order)
        assert page["before"] == sum(map(len, found))
        found.append([entry["event"] for entry in page["entries"]])
        if page["next"] is None:
            return found
        after = place_of(kind_of_timeline(row.order_id, order), page["next"])


def test_it_is_in_the_order_in_which_things_happened() -> None:
    assert pages(ROW, "happened", 3) == [["order.created", "order.opened", "invoice.created"], ["order.completed"]]


def test_or_in_that_in_which_they_arrived() -> None:
    [first, second] = pages(ROW, "arrived", 2)
    assert (first[0], second) == ("order.completed", ["invoice.created", "order.created"])


def test_a_page_counts_what_has_come_before_it_since_the_one_before() -> None:
    first = OneOrder.timeline(ROW, "happened", b"", 3)
    more = row_of(*(fact("order.items_on_hold", clock(n), n=n, items=items("A")) for n in range(2)), *FACTS)
    rest = OneOrder.timeline(more, "happened", place_of(kind_of_timeline(ROW.order_id, "happened"), first["next"]), 3)
    assert (rest["before"], len(rest["entries"]), rest["count"]) == (5, 1, 6)


def test_a_page_that_holds_the_rest_has_no_next_one() -> None:
    assert len(pages(ROW, "happened", 4)) == 1


def test_what_was_published_again_says_what_it_repeats() -> None:
    held = {"items": items("A")}
    first, again = (fact("order.items_on_hold", clock(n), n=n, **held) for n in (1, 2))
    other = fact("order.items_on_hold", clock(3), n=3, items=items("B"))
    entries = OneOrder.timeline(row_of(again, other, first), "happened", b"", 9)["entries"]
    assert [entry["repeat_of"] for entry in entries] == [None, "0:1", None]


def test_a_conflict_says_so() -> None:
    entries = OneOrder.timeline(
        row_of(fact("order.created", n=1), fact("order.created", n=2, channel="other")), "arrived", b"", 9
    )["entries"]
    assert [entry["conflict"] for entry in entries] == [False, True]
    assert entries[0]["payload_hash"] != entries[1]["payload_hash"]
