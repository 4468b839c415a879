"""What there is of one order beside its state: its events as they came, and its timeline."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from processors.orders.table import row_key
from schemas.order_answers import Event, Timeline
from tests.unit.processors.orders.units import FakeUnit, event_record
from tests.unit.processors.worker.queries.exact import read
from tests.unit.processors.worker.queries.network import BODY, CALLER, ME, alone
from tests.unit.processors.worker.queries.partitions import Shop
from tests.unit.processors.worker.queries.test_local import created, opened


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
    """This happens if raw was made anew."""
    network = alone(Shop().tell(opened("o-1")), raw={"0:0": body}, unmasked=True)
    with capture_logs() as lines:
        answer = await network.queries[ME].event("o-1", "0:0", CALLER)
    assert (answer.status, answer.body["detail"], lines) == (404, "raw does not have it any more", [])


async def test_a_timeline_says_how_often_each_event_came_where_that_is_known() -> None:
    network = alone(Shop().tell(opened("o-1"), ("order.completed", {"id": "o-1"})))
    entries = (await network.queries[ME].timeline("o-1", CALLER)).body["entries"]
    assert {each["event"]: each["deliveries"] for each in entries} == {"order.opened": 3, "order.completed": None}


async def test_a_timeline_is_whole_unless_it_is_very_long_or_less_was_asked_for() -> None:
    network = alone(Shop().tell(opened("o-1"), *(("order.noted", {"id": "o-1", "note": n}) for n in range(60))))
    page = read(Timeline, (await network.queries[ME].timeline("o-1", CALLER)).body)
    assert (len(page.entries), page.next) == (61, None)


async def test_a_timeline_is_an_answer_like_others() -> None:
    network = alone(Shop().tell(opened("o-1"), created("o-1")))
    me = network.queries[ME]
    page = read(Timeline, (await me.timeline("o-1", CALLER, limit=1)).body)
    assert (page.count, len(page.entries)) == (2, 1)
    assert (await me.timeline("o-1", CALLER, after=page.next, order="arrived")).status == 400
