"""A question is answered by the owner of what it is about, and by nobody else in its place."""

from functools import partial
from itertools import chain, count
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from bridge.kafka.partitioner import partition_for
from processors.engine.errors import TableDamagedError
from processors.orders.table import TABLE, row_key
from processors.orders.waiting import WaitingRoom
from processors.worker.openapi import DOCUMENT
from processors.worker.queries.timeline import TimelineOrder
from schemas.instant import epoch_millis, rfc3339_millis
from schemas.order_answers import Order, Orders
from schemas.order_state.facts import TimelineEntry
from tests.unit.processors.orders.facts import clock, items
from tests.unit.processors.orders.units import FakeUnit, event_record
from tests.unit.processors.worker.queries.exact import read
from tests.unit.processors.worker.queries.network import CALLER, ME, OTHER, Network, alone
from tests.unit.processors.worker.queries.partitions import PARTITIONS, Shop, UnreadableTable
from tests.unit.processors.worker.queries.test_local import created, opened

NUMBERS = range(12)
LATE_AFTER_MS = 900_000
NOT_THERE = {"$ref": "#/components/schemas/NotThere"}


@pytest.fixture
def network() -> Network:
    return Network(Shop().tell(*(opened(f"o-{number}") for number in NUMBERS)))


async def test_an_order_is_asked_of_its_owner(network: Network) -> None:
    for number in NUMBERS:
        answers = [await queries.order(f"o-{number}", CALLER) for queries in network.queries.values()]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].etag == answers[1].etag
        assert read(Order, answers[0].body).order_id == f"o-{number}"
        assert answers[0].as_of is not None
    assert len(network.asked) == len(NUMBERS)


async def test_of_a_table_that_cannot_be_read_nothing_is_answered_nor_a_list_without_it(network: Network) -> None:
    """This holds whether the worker that has the table is asked, or another one."""
    network.shop.tables[3] = UnreadableTable(TableDamagedError("orders/3 is damaged"))
    away = [f"o-{number}" for number in NUMBERS if partition_for(f"o-{number}".encode(), PARTITIONS) == 3]
    for queries in network.queries.values():
        answers = [await queries.order(away[0], CALLER), await queries.timeline(away[0], CALLER)]
        answers += [await queries.event(away[0], "0:0", CALLER)] if queries is network.queries[OTHER] else []
        answers += [await queries.search("", "", CALLER), await queries.search("q", "o-1", CALLER)]
        answers += [await queries.gaps(CALLER), await queries.blind_returns(CALLER)]
        for answer in answers:
            assert (answer.status, answer.retry_after, answer.body["detail"]) == (503, 10, "partition 3 is damaged")
    there = next(f"o-{number}" for number in NUMBERS if f"o-{number}" not in away)
    assert (await network.queries[ME].order(there, CALLER)).status == 200


async def test_what_is_not_there_is_told_with_how_far_that_is_known() -> None:
    """Whoever knows a delivery's place in raw can tell whether its order is not joined yet, or does not exist."""
    network = alone(Shop().tell(opened("o-1")), raw={})
    me, known = network.queries[ME], Draft202012Validator({**NOT_THERE, "components": DOCUMENT["components"]})
    answers = [await me.order("nobody", CALLER), await me.timeline("nobody", CALLER)]
    answers += [await me.event(order_id, "0:0", CALLER) for order_id in ("nobody", "o-1")]
    for answer in (*answers, await me.event("o-1", "0:1", CALLER)):
        assert (answer.status, answer.etag) == (404, None)
        known.validate(answer.body)
    there = await me.order("o-1", CALLER)
    assert there.applied == {"0": 0}
    assert (answers[-1].applied, answers[-1].body["read_to"]) == (there.applied, there.body["read_to"])


async def test_an_order_has_the_events_that_wait_for_it(network: Network) -> None:
    [table] = [each for each in network.shop.tables if row_key(b"o-1") in each.rows]
    late = event_record(99, "order.cancelled", id="o-1", items=[])
    unit: Any = FakeUnit([late], table.rows)
    WaitingRoom(unit, TABLE, 0).add("o-1", [late], table.rows[row_key(b"o-1")])
    for queries in network.queries.values():
        assert (await queries.order("o-1", CALLER)).body["status"] == "cancelled"
        assert (await queries.timeline("o-1", CALLER)).body["count"] == 2


async def test_two_that_disagree_do_not_ask_each_other(network: Network) -> None:
    network.owners[OTHER].mine, network.owners[OTHER].others = set(), {ME: [0, 1, 2, 3]}
    answers = [await network.queries[ME].order(f"o-{number}", CALLER) for number in NUMBERS]
    assert {answer.status for answer in answers} == {200, 503}
    assert all(worker == OTHER for worker, _ in network.asked)


async def test_a_worker_that_may_have_lost_its_partitions_answers_nothing(network: Network) -> None:
    network.owners[ME].member = False
    me = network.queries[ME]
    for answer in (await me.order("o-0", CALLER), await me.search("", "", CALLER), await me.blind_returns(CALLER)):
        assert (answer.status, answer.retry_after, answer.etag) == (503, 1, None)
    assert network.asked == []


async def test_nor_does_one_that_took_longer_than_a_session(network: Network) -> None:
    network.owners[ME].fresh = False
    me = network.queries[ME]
    assert [(await me.order(f"o-{number}", CALLER)).status for number in NUMBERS] == [503] * len(NUMBERS)
    assert (await me.search("", "", CALLER)).status == 503


async def test_the_age_of_an_answer_counts_from_its_question(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    me, asked = network.queries[ME], network.owners[ME].since
    for question in (partial(me.order, "o-1", CALLER), partial(me.search, "", "", CALLER)):
        asked.clear()
        monkeypatch.setattr("processors.worker.queries.queries.boottime", partial(next, count(1)))
        await question()
        assert asked == [1]


async def test_all_orders_are_gathered_with_one_question_a_worker(network: Network) -> None:
    answer = await network.queries[ME].search("status", "created", CALLER)
    assert answer.body["orders"] == []
    answer = await network.queries[ME].search("status", "open", CALLER)
    found = read(Orders, answer.body)
    assert [line.order_id for line in found.orders] == [f"o-{number}" for number in NUMBERS]
    assert (found.next, sorted(found.read_to)) == (None, ["0", "1", "2", "3"])
    assert network.asked == [(OTHER, "orders")] * 2


async def test_a_page_leads_to_the_next_one_whoever_is_asked(network: Network) -> None:
    seen, after = list[str](), None
    for number in range(100):
        page = await list(network.queries.values())[number % 2].search("", "", CALLER, after=after, limit=5)
        seen += [line["order_id"] for line in page.body["orders"]]
        after = page.body["next"]
        if after is None:
            break
    assert seen == sorted(f"o-{number}" for number in NUMBERS)


async def test_a_cursor_of_another_list_is_refused(network: Network) -> None:
    """Otherwise it would skip what that list has before the cursor's place."""
    me = network.queries[ME]
    cursor = (await me.search("status", "open", CALLER, limit=2)).body["next"]
    asked = ("status", "open"), ("status", "created"), ("attention", "true")
    answers = [await me.search(*each, CALLER, after=cursor) for each in asked]
    answers += [await me.gaps(CALLER, after=cursor), await me.blind_returns(CALLER, after=cursor)]
    assert [answer.status for answer in answers] == [200, 400, 400, 400, 400]


async def test_a_cursor_of_another_timeline_is_refused() -> None:
    """The timeline began silently in the middle, where the other order's page had ended."""
    of_both = [[opened(id_), ("order.items_on_hold", {"id": id_, "items": items("A")})] for id_ in ("o-1", "o-2")]
    me = alone(Shop().tell(*chain.from_iterable(of_both))).queries[ME]
    cursor = (await me.timeline("o-1", CALLER, limit=1)).body["next"]
    asked: list[tuple[str, TimelineOrder]] = [("o-1", "happened"), ("o-2", "happened"), ("o-1", "arrived")]
    answers = [await me.timeline(of, CALLER, order=order, after=cursor) for of, order in asked]
    assert [answer.status for answer in answers] == [200, 400, 400]


async def test_who_is_away_is_named_and_nobody_answers_instead(network: Network) -> None:
    network.away.add(OTHER)
    answer = await network.queries[ME].search("", "", CALLER)
    assert (answer.status, answer.retry_after) == (503, 1)
    assert answer.body["detail"] == f"the worker at {OTHER} does not answer"
    network.owners[ME].others = {OTHER: [2]}
    answer = await network.queries[ME].search("", "", CALLER)
    assert answer.body["detail"] == "partition 3 is away"


@pytest.mark.parametrize(
    ("by", "value", "after"), [("colour", "red", None), ("status", "lost", None), ("", "", "age.YQ"), ("", "", "x")]
)
async def test_what_there_is_not_is_refused(network: Network, by: str, value: str, after: str | None) -> None:
    answer = await network.queries[ME].search(by, value, CALLER, after=after)
    assert (answer.status, answer.retry_after) == (400, None)
    assert (await network.queries[ME].blind_returns(CALLER, by="status", value="open")).status == 400


def returned(order: str, *ids: str) -> list[tuple[str, dict[str, Any]]]:
    return [("return.processed", {"id": each, "order_id": order, "items": items("A")}) for each in ids]


async def test_a_return_names_the_orders_in_exchange_for_it() -> None:
    shop = Shop().tell(
        opened("o-1"),
        *returned("o-1", "return-1", "return-2"),
        *(created(f"x-{n}", exchanges=[{"order_id": "o-1", "return_id": "return-1"}]) for n in range(4)),
    )
    network = Network(shop)
    for queries in network.queries.values():
        state = read(Order, (await queries.order("o-1", CALLER)).body)
        assert {id_: each.settled_by_exchange for id_, each in state.returns.items()} == {
            "return-1": ["x-0", "x-1", "x-2", "x-3"], "return-2": []
        }  # fmt: skip


async def test_an_item_on_hold_says_since_when() -> None:
    held = ("order.items_on_hold", {"id": "o-1", "items": items("A", "B")})
    shipped = ("fulfillment_request.items_completed", {"id": "r", "order_id": "o-1", "items": items("B")})
    network = Network(Shop().tell(opened("o-1"), held, shipped, opened("o-2")))
    for queries in network.queries.values():
        state = read(Order, (await queries.order("o-1", CALLER)).body)
        assert {item_id: item.held_since for item_id, item in state.items.items()} == {"A": clock(1), "B": None}
        assert "held_since" not in (await queries.order("o-2", CALLER)).body["items"]["A"]


@pytest.mark.parametrize(
    ("between", "since"),
    [
        ([], 0),
        ([opened("o-1")], 0),
        ([("order.items_on_hold", {"id": "o-1", "items": items("B")})], 0),
        ([("fulfillment_request.assigned", {"id": "r", "order_id": "o-1", "items": items("B")})], 0),
        ([("fulfillment_request.assigned", {"id": "r", "order_id": "o-1", "items": items("A")})], 2),
        ([("order.items_on_hold", {"id": "o-1", "items": items("A", "B")})], 0),
    ],
)
async def test_a_hold_that_is_published_again_is_as_old_as_it_was(
    between: list[tuple[str, dict[str, Any]]], since: int
) -> None:
    """A hold that is told each day never looked older than a day. It ends by what ends it for the item's status."""
    held = ("order.items_on_hold", {"id": "o-1", "items": items("A")})
    network = alone(Shop().tell(held, *between, held))
    state = read(Order, (await network.queries[ME].order("o-1", CALLER)).body)
    assert state.items["A"].held_since == clock(since)


def _here_ms(fact: TimelineEntry) -> int:
    """When the fact counts as here (ms): it was received in 1970 and published long after, of which a day counts."""
    return epoch_millis(fact.received_at) + 24 * 3_600_000


async def test_a_missing_event_says_until_when_it_may_come_and_what_needs_it() -> None:
    """This holds even if the fact that needs it has no logical timestamp, so that its key names no request."""
    done = ("fulfillment_request.items_completed", {"id": "r", "order_id": "o-1", "items": items("A")})
    network = Network(Shop().tell(opened("o-1"), done))
    for queries in network.queries.values():
        state = read(Order, (await queries.order("o-1", CALLER)).body)
        first, second = state.timeline
        assert {name: (each.due, each.needed_by, each.follows) for name, each in state.awaited.items()} == {
            name: (rfc3339_millis(_here_ms(by) + LATE_AFTER_MS), by.source, follows)
            for name, by, follows in (
                ("order.created", first, None),
                ("fulfillment_request.assigned:r", second, first.source),
            )
        }
        assert {name for name, each in state.awaited.items() if each.window and each.window.guessed} == {
            "order.created"
        }


async def test_numbers_of_the_retailer_s_own_are_as_the_topic_has_them() -> None:
    own = {"extended_attributes": [{"name": "ref", "value": orjson.Fragment("12345678901234567890123")}]}
    held = ("order.items_on_hold", {"id": "o-1", "items": items("A")})
    for more in ([], returned("o-1", "return-1"), [held]):
        network = Network(Shop().tell(opened("o-1", **own), *more))
        for queries in network.queries.values():
            assert b'"value":12345678901234567890123}' in (await queries.order("o-1", CALLER)).content


async def test_where_not_all_can_be_asked_nobody_knows_of_exchanges() -> None:
    network = Network(Shop().tell(opened("o-1"), *returned("o-1", "return-1")))
    network.away = {ME, OTHER}
    answers = [await queries.order("o-1", CALLER) for queries in network.queries.values()]
    [here] = [answer for answer in answers if answer.status == 200]
    assert here.body["returns"]["return-1"]["settled_by_exchange"] is None
