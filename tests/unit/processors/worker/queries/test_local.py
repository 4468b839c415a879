"""What a worker says about its partitions: which orders are in a list, and how much of a list it looks at."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from processors.orders.row import dump, load
from processors.orders.table import ORDER, row_key
from processors.worker.queries import listings
from processors.worker.queries import local as asking
from processors.worker.queries.choosing import BY_NAME, BadQuestionError, order_of
from processors.worker.queries.owners import AwayError
from processors.worker.queries.questions import BLIND_RETURNS, EXCHANGES, ORDERS, Question
from processors.worker.queries.shown import SHOW
from schemas.order_answers import BlindReturns, ListedOrder
from tests.unit.processors.orders.facts import items, transaction
from tests.unit.processors.worker.queries.exact import read
from tests.unit.processors.worker.queries.partitions import PARTITIONS, FakeOwners, FakeTable, Shop, local
from tests.unit.processors.worker.queries.partitions import Told as Said

ALL = range(PARTITIONS)


def opened(order: str, **fields: Any) -> Said:
    return "order.opened", {"id": order, "items": items("A"), **fields}


def created(order: str, **fields: Any) -> Said:
    return "order.created", {"id": order, "items": items("A"), **fields}


def held(order: str) -> Said:
    return "order.items_on_hold", {"id": order, "items": items("A")}


def cancelled(order: str) -> Said:
    return "order.cancelled", {"id": order, "items": items("A")}


def refunded(order: str, transaction_id: str = "t") -> Said:
    return "payment_account.amount_refunded", {"id": order, "transactions": [transaction(transaction_id, 5)]}


async def lines(shop: Shop, by: str = "", value: str = "", what: str = ORDERS, **more: Any) -> list[dict[str, Any]]:
    question = Question(what, more.pop("limit", 50), by=by, values=[value] if by else [], **more)
    told = await local(FakeOwners(shop, ALL)).tell(question, ALL)
    assert told.upto is None
    return [line for _, line in told.entries]


async def found(shop: Shop, by: str = "", value: str = "") -> list[str]:
    return [read(ListedOrder, line).order_id for line in await lines(shop, by, value)]


@pytest.mark.parametrize(
    ("by", "value", "orders"),
    [
        ("external_id", "042a", ["a"]),
        ("external_id", "42A", ["a"]),
        ("external_id", "42", []),
        ("request_id", "request-1", ["b", "c"]),
        ("request_id", "REQUEST-1", []),
        ("transaction_id", "t", ["d"]),
        ("exchange_of", "a", ["b"]),
        ("q", "a", ["a"]),
        ("q", "42a", ["a"]),
        ("q", "request-1", ["b", "c"]),
        ("q", "request", []),
        ("", "", ["a", "b", "c", "d"]),
    ],
)
async def test_orders_are_found_by_what_they_name(by: str, value: str, orders: list[str]) -> None:
    shop = Shop().tell(
        created("a", external_id="0042A"),
        created("b", exchanges=[{"order_id": "a", "return_id": "return-1"}]),
        ("fulfillment_request.assigned", {"order_id": "b", "id": "request-1", "items": items("A")}),
        ("fulfillment_request.assigned", {"order_id": "c", "id": "request-1", "items": items("A")}),
        refunded("d"),
    )
    assert await found(shop, by, value) == orders


async def test_lists_are_by_age_oldest_first() -> None:
    shop = Shop().tell(*(opened(order) for order in "cab"), held("b"), held("c"), cancelled("a"), created("d"))
    assert await found(shop, "status", "on_hold") == ["b", "c"]
    assert await found(shop, "status", "created") == ["d"]
    assert await found(shop, "status", "open") == []
    assert await found(shop, "status", "cancelled") == ["a"]
    since = [line["since"] for line in await lines(shop, "status", "on_hold")]
    assert since == ["1970-01-01T00:00:03.000Z", "1970-01-01T00:00:04.000Z"]


async def test_a_list_is_looked_through_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "AT_ONCE", 2)
    orders = [f"{number:02}" for number in range(20)]
    shop = Shop().tell(*(opened(order, external_id="e") for order in orders), *(held(order) for order in orders))
    assert await found(shop, "external_id", "e") == await found(shop, "status", "on_hold") == orders
    shop.tell(*(("return.processed", {"id": order, "items": items("A")}) for order in orders))
    assert [line["return_id"] for line in await lines(shop, what=BLIND_RETURNS)] == orders


async def test_orders_are_found_that_contradict_themselves_or_whose_money_needs_a_look() -> None:
    sent = ("fulfillment_request.items_completed", {"id": "r", "order_id": "b", "items": items("A")})
    off = ("order.items_cancelled", {"id": "b", "items": items("A")})
    shop = Shop().tell(opened("a"), opened("b"), sent, off, opened("c"), refunded("c"))
    assert await found(shop, "contradictions", "true") == ["b"]
    assert await found(shop, "attention", "true") == ["c"]


async def test_all_orders_are_looked_through_however_few_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large rows come one by one."""
    scan = FakeTable.scan
    monkeypatch.setattr(FakeTable, "scan", lambda rows, prefix, after, _: scan(rows, prefix, after, 1))
    assert len(await found(Shop().tell(*(opened(f"{n:02}") for n in range(20))), "provisional", "true")) == 20


async def test_what_misses_something_is_found_though_no_list_has_it() -> None:
    shop = Shop().tell(opened("a"), created("b"), cancelled("c"), opened("d"), created("d"))
    assert await found(shop, "provisional", "true") == ["a", "c"]
    assert order_of(ORDERS, "provisional", "true") == BY_NAME
    with pytest.raises(BadQuestionError, match="can only be `true`"):
        order_of(ORDERS, "provisional", "false")


async def test_an_order_that_is_no_longer_what_the_index_says_is_not_listed() -> None:
    """A version that does not know the index has written the order."""
    shop = Shop().tell(opened("a"), held("a"))
    [table] = [each for each in shop.tables if each.rows]
    row = load(table.rows[row_key(b"a")] or b"")
    assert row.summary is not None
    row.summary = type(row.summary)("open", provisional=True, incomplete=False)
    table.rows[row_key(b"a")] = dump(row)
    assert await found(shop, "status", "on_hold") == []
    assert await found(shop, "q", "a") == ["a"]
    table.rows[row_key(b"a")] = None
    assert await found(shop, "q", "a") == []


async def test_blind_returns_are_those_of_no_order_and_refunds_of_nothing_known() -> None:
    shop = Shop().tell(
        refunded("account-1"),
        ("return.processed", {"id": "r-1", "externalOrderId": "0X", "currency": "EUR", "total_refund_amount": 5}),
        ("return.processed", {"id": "r-2", "order_id": "a"}),
        refunded("a"),
    )
    found = await lines(shop, what=BLIND_RETURNS)
    read(BlindReturns, {"blind_returns": found, "next": None, "as_of": "2024-05-01T10:00:00Z", "applied": {},
                                 "read_to": {}})  # fmt: skip
    assert [(line["kind"], line["since"][17:19]) for line in found] == [("refund", "00"), ("return", "01")]
    assert (found[0]["order_id"], found[0]["refunded"]) == ("account-1", {"EUR": "5"})
    assert (found[1]["return_id"], found[1]["external_order_id"], found[1]["source"]) == ("r-1", "0X", "0:1")
    assert found[1]["total_refund_amount"] == "5"
    for by, value in (("return_id", "r-1"), ("external_id", "x")):
        assert await lines(shop, by, value, BLIND_RETURNS) == [{**found[1], "since": None}]
    assert await lines(shop, "return_id", "r-2", BLIND_RETURNS) == []


async def test_exchanges_are_found_by_the_return() -> None:
    exchanges = [{"order_id": "a", "return_id": "return/1"}]
    shop = Shop().tell(created("b", exchanges=exchanges), created("c", exchanges=exchanges))
    question = Question(EXCHANGES, 50, values=["return/1", "return"])
    told = await local(FakeOwners(shop, ALL)).tell(question, ALL)
    found = {"return_id": "return/1", "is_cancelled": False}
    assert [line for _, line in told.entries] == [{"order_id": order, **found} for order in ("b", "c")]


async def test_what_is_rare_takes_several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is bounded by what is looked at for it, not only by what is found."""
    monkeypatch.setattr(asking, "LOOKED_AT", 1)
    orders = [f"{number:04}" for number in range(300)]
    shop = Shop().tell(*(opened(order) for order in orders), cancelled(orders[-1]))
    me, after, pages = local(FakeOwners(shop, ALL)), b"", 0
    while True:
        told = await me.tell(Question(ORDERS, 50, after, "status", ["cancelled"]), ALL)
        pages += 1
        if told.entries:
            break
        assert told.upto is not None
        after = told.upto
    assert pages > 1
    assert [line["order_id"] for _, line in told.entries] == [orders[-1]]


async def test_a_page_ends_early_where_orders_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SHOWN_BYTES", 1)
    shop = Shop().tell(*(opened(order) for order in "abc"))
    seen, after = list[str](), b""
    while True:
        told = await local(FakeOwners(shop, ALL)).tell(Question(ORDERS, 50, after), ALL)
        seen += [line["order_id"] for _, line in told.entries]
        assert len(told.entries) <= 1
        if told.upto is None:
            break
        after = told.upto
    assert seen == ["a", "b", "c"]


async def test_after_a_large_order_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Showing an order of 45,000 items takes 0.6 s."""
    turns, shown_at = 0, list[int]()

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def noting(*given: Any) -> Any:
        shown_at.append(turns)
        return SHOW[ORDERS](*given)

    monkeypatch.setattr(asking, "SHOW", {ORDERS: noting})
    monkeypatch.setattr(asking, "_LARGE_ROW_BYTES", 2_000)
    large = {"items": items(*map(str, range(100)))}
    shop = Shop().tell(*(opened(order, **large) for order in "ab"), *(opened(order) for order in "cdef"))
    taking = asyncio.create_task(take_turns())
    assert await found(shop) == list("abcdef")
    taking.cancel()
    after_a, after_b, *after_small = (later - earlier for earlier, later in pairwise(shown_at))
    assert min(after_a, after_b) > 0
    assert not any(after_small)


@pytest.mark.parametrize(("by", "value"), [("", ""), ("provisional", "true"), ("status", "open")])
async def test_rows_of_large_orders_are_read_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, by: str, value: str
) -> None:
    monkeypatch.setattr(listings, "SEEN_BYTES", 1)
    shop = Shop().tell(*(opened(f"{number:03}") for number in range(100)))
    read = {id(table): watched(monkeypatch, table) for table in shop.tables}
    me, after, seen = local(FakeOwners(shop, ALL)), b"", list[str]()
    monkeypatch.setattr(asking, "LOOKED_AT", 1)
    while True:
        told = await me.tell(Question(ORDERS, 500, after, by, [value] if by else []), ALL)
        seen += [line["order_id"] for _, line in told.entries]
        assert len(told.entries) <= 10 * PARTITIONS
        if told.upto is None:
            break
        after = told.upto
    assert sorted(seen) == [f"{number:03}" for number in range(100)]
    assert max(max(each) for each in read.values()) <= 10


def watched(monkeypatch: pytest.MonkeyPatch, table: FakeTable) -> list[int]:
    """The number of orders' rows in each read."""
    read = [0]
    get_many, scan = table.get_many, table.scan

    def counting_get(keys: Sequence[bytes]) -> list[bytes | None]:
        read.append(len(keys))
        return get_many(keys)

    def counting_scan(prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        found = scan(prefix, after, limit)
        read.append(len(found) if prefix == ORDER else 0)
        return found

    monkeypatch.setattr(table, "get_many", counting_get)
    monkeypatch.setattr(table, "scan", counting_scan)
    return read


async def test_it_says_how_far_it_is() -> None:
    shop = Shop().tell(opened("a"), created("a"))
    [partition] = [number for number, table in enumerate(shop.tables) if table.rows]
    told = await local(FakeOwners(shop, ALL)).tell(Question(ORDERS, 50), [partition])
    assert (told.applied, told.read_to) == ({"0": 1}, {str(partition): 100 + partition})
    told = await local(FakeOwners(shop, ALL)).tell(Question(ORDERS, 50), ALL)
    assert told.applied == {}  # of the others nothing can be said


async def test_a_partition_that_is_not_here_is_not_left_out() -> None:
    with pytest.raises(AwayError, match="partition 2 "):
        await local(FakeOwners(Shop(), {0, 1, 3})).tell(Question(ORDERS, 50), ALL)


async def test_nor_is_one_that_goes_while_others_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    owners = FakeOwners(Shop().tell(*(opened(f"{number}") for number in range(300))), ALL)

    async def revoked(_seconds: float) -> None:
        owners.mine.clear()

    monkeypatch.setattr("processors.worker.queries.local.asyncio.sleep", revoked)
    with pytest.raises(AwayError):
        await local(owners).tell(Question(ORDERS, 500), ALL)


async def test_a_row_that_a_later_version_wrote_is_left_to_it() -> None:
    shop = Shop().tell(opened("a"))
    [table] = [each for each in shop.tables if each.rows]
    row = load(table.rows[row_key(b"a")] or b"")
    row.version += 1
    table.rows[row_key(b"a")] = dump(row)
    with pytest.raises(AwayError, match="version"):
        await found(shop, "status", "open")
