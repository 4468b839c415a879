"""Where a question is answered: at the owner of what it is about, and by nobody else in its place."""

import json
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from processors.orders.table import TABLE, row_key
from processors.orders.waiting import WaitingRoom
from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.local import Local
from processors.worker.queries.one_order import OneOrder
from processors.worker.queries.owners import AwayError
from processors.worker.queries.queries import Queries
from processors.worker.queries.questions import Asked, Told, packed, read_asked, read_told
from schemas.order_answers import Event, Order, Orders, Timeline
from tests.unit.processors.orders.facts import clock, items
from tests.unit.processors.orders.units import FakeUnit, event_record
from tests.unit.processors.worker.queries.exact import read
from tests.unit.processors.worker.queries.partitions import FakeOwners, Shop, local
from tests.unit.processors.worker.queries.test_local import created, opened

ME, OTHER = "http://me", "http://other"
CALLER = Caller("key 1", "Bearer a")
BODY = json.dumps(
    {"tenant": "acme", "name": "order.opened", "payload": {"id": "o-1", "customer_email": "a@b"}}
).encode()
NUMBERS = range(12)


class Network:
    """Two workers, each with half of the partitions, that ask each other through JSON only."""

    def __init__(self, shop: Shop, *, unmasked: bool = False, raw: Mapping[str, bytes] | None = None) -> None:
        self.owners = {
            ME: FakeOwners(shop, {0, 1}, {OTHER: [2, 3]}),
            OTHER: FakeOwners(shop, {2, 3}, {ME: [0, 1]}),
        }
        self.shop = shop
        self.asked: list[tuple[str, str]] = []
        self.away = set[str]()
        self.raw = {"0:0": BODY} if raw is None else raw
        self._locals: dict[str, Local] = {url: local(owners) for url, owners in self.owners.items()}
        self.queries = {url: self._queries(url, unmasked=unmasked) for url in self.owners}

    def _queries(self, url: str, *, unmasked: bool) -> Queries:
        owners, network = self.owners[url], self
        peers: Any = network
        given: Any = owners
        everyone = Everyone(given, peers, self._locals[url])
        rules = self.shop.rules
        one_order = OneOrder(everyone, peers, peers, rules, unmasked=unmasked)
        return Queries(given, peers, everyone, one_order, rules)

    async def known(self, ids: list[str], caller: Caller) -> dict[str, dict[str, Any]]:
        """Deliveries, of all but what was completed."""
        assert caller is CALLER
        said = {"deliveries": 3, "last_received_at": "2026-01-01T00:00:00.000Z"}
        return {each: {"id": each, **said} for each in ids if "completed" not in each}

    async def body(self, source: object) -> bytes | None:
        """As raw has it."""
        return self.raw.get(str(source))

    async def ask(self, worker: str, path: str, caller: Caller) -> Answer:
        """A GET of an order."""
        assert caller is CALLER
        self.asked.append((worker, path))
        self._reach(worker)
        order_id, _, rest = path.removeprefix("/orders/").partition("/")
        ask = self.queries[worker].timeline if rest else self.queries[worker].order
        return await ask(order_id, caller, forwarded=True)

    async def tell(self, worker: str, asked: Asked, caller: Caller) -> Told:
        """A question about partitions."""
        assert caller is CALLER
        self.asked.append((worker, asked.question.what))
        self._reach(worker)
        asked = read_asked(packed(asked))
        return read_told(packed(await self._locals[worker].tell(asked.question, asked.partitions)))

    def _reach(self, worker: str) -> None:
        if worker in self.away:
            raise AwayError(f"the worker at {worker} does not answer")


def alone(shop: Shop, **more: Any) -> Network:
    """One of them has all partitions."""
    network = Network(shop, **more)
    network.owners[ME].mine, network.owners[ME].others = {0, 1, 2, 3}, {}
    return network


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
    assert (await network.queries[ME].order("nobody", CALLER)).status == 404


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
    """Else it would skip what that list has before its place."""
    me = network.queries[ME]
    cursor = (await me.search("status", "open", CALLER, limit=2)).body["next"]
    asked = ("status", "open"), ("status", "created"), ("attention", "true")
    answers = [await me.search(*each, CALLER, after=cursor) for each in asked]
    answers += [await me.gaps(CALLER, after=cursor), await me.blind_returns(CALLER, after=cursor)]
    assert [answer.status for answer in answers] == [200, 400, 400, 400, 400]


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


async def test_an_event_is_shown_masked_and_the_look_is_logged() -> None:
    for unmasked in (False, True):
        network = alone(Shop().tell(opened("o-1")), unmasked=unmasked)
        with capture_logs() as lines:
            answer = await network.queries[ME].event("o-1", "0:0", CALLER)
        event = read(Event, answer.body)
        assert (event.masked, event.text is None) == (not unmasked, not unmasked)
        assert event.body["payload"]["customer_email"] == ("a@b" if unmasked else "•••")
        [line] = lines
        assert (line["event"], line["by"], line["source"]) == ("a raw event was looked at", "key 1", "0:0")
        assert "Bearer" not in str(line)


async def test_who_claims_to_be_a_worker_is_logged_all_the_same() -> None:
    network = alone(Shop().tell(opened("o-1")))
    with capture_logs() as lines:
        await network.queries[ME].event("o-1", "0:0", CALLER, forwarded=True)
    assert [(line["event"], line["forwarded"]) for line in lines] == [("a raw event was looked at", True)]


async def test_an_event_that_could_not_be_processed_is_shown_too() -> None:
    shop = Shop().tell(opened("o-1"))
    [table] = [each for each in shop.tables if row_key(b"o-1") in each.rows]
    broken: Any = FakeUnit([event_record(7, "order.completed", id="o-1")], table.rows)
    shop.orders.refuse(broken, ValueError("a bug"))
    network = alone(shop, raw={"0:7": BODY})
    assert (await network.queries[ME].event("o-1", "0:7", CALLER)).body["source"] == "0:7"


async def test_only_the_orders_own_events_are_shown() -> None:
    network = alone(Shop().tell(opened("o-1"), opened("o-2")), raw={})
    me = network.queries[ME]
    details = [(await me.event("o-1", source, CALLER)).body["detail"] for source in ("0:1", "x", "0:0")]
    assert details == [
        "the order has none from this raw record",
        "the order has none from this raw record",
        "raw does not have it any more",
    ]


@pytest.mark.parametrize("body", [BODY.replace(b"o-1", b"o-2"), BODY.replace(b"acme", b""), b"", b"\xff"])
async def test_what_lies_at_the_place_of_an_event_and_is_none_of_the_order_is_not_shown(body: bytes) -> None:
    """As where raw was made anew."""
    network = alone(Shop().tell(opened("o-1")), raw={"0:0": body}, unmasked=True)
    with capture_logs() as lines:
        answer = await network.queries[ME].event("o-1", "0:0", CALLER)
    assert (answer.status, answer.body["detail"], lines) == (404, "raw does not have it any more", [])


async def test_a_timeline_says_how_often_each_event_came_where_that_is_known() -> None:
    network = alone(Shop().tell(opened("o-1"), ("order.completed", {"id": "o-1"})))
    entries = (await network.queries[ME].timeline("o-1", CALLER)).body["entries"]
    assert {each["event"]: each["deliveries"] for each in entries} == {"order.opened": 3, "order.completed": None}


async def test_a_timeline_is_an_answer_like_others() -> None:
    network = alone(Shop().tell(opened("o-1"), created("o-1")))
    me = network.queries[ME]
    page = read(Timeline, (await me.timeline("o-1", CALLER, limit=1)).body)
    assert (page.count, len(page.entries)) == (2, 1)
    assert (await me.timeline("o-1", CALLER, after=page.next, order="arrived")).status == 400
