"""Everything that NewStore documents occurs, and nothing else."""

import pytest

from commands.simulate.arrivals import EVENTS_PER_ORDER
from schemas.events import EVENT_NAMES
from tests.unit.commands.simulate.retailer import by_order, named, published

pytestmark = pytest.mark.thorough


def names(orders: int, seed: int) -> set[str]:
    return {event.name for event in published(orders, seed)}


def test_two_thousand_orders_have_all_42_events() -> None:
    assert names(2000, 7) == set(EVENT_NAMES)
    assert len(EVENT_NAMES) == 42


def test_a_hundred_and_fifty_orders_have_them_too_whatever_the_seed() -> None:
    for seed in range(6):
        assert names(150, seed) == set(EVENT_NAMES), seed


def test_the_progress_bar_knows_about_how_many_events_come() -> None:
    assert abs(len(published(2000, 7)) / 2000 / EVENTS_PER_ORDER - 1) < 0.05


def test_every_way_an_order_can_go_is_taken() -> None:
    early = ("order.created", "payment_account.amount_authorized")
    ways = {tuple(event.name for event in events) for events in by_order().values()}
    assert {way[: len(early)] == early for way in ways} == {True, False}
    never_opened = {way for way in ways if "order.opened" not in way}
    assert never_opened == {early, (*early, "order.cancelled", "payment_account.amount_voided")}
    ends = {way[-1] for way in ways}
    assert {"order.items_on_hold", "fulfillment_request.assigned", "payment_account.amount_refunded"} <= ends


def test_orders_are_sold_in_stores_in_exchange_and_long_ago() -> None:
    created = [event.payload for event in named("order.created")]
    assert {order["channel_type"] for order in created} == {"store", "web", "mobile"}
    assert any(order["is_exchange"] for order in created)
    assert any(order["is_historical"] for order in created)
    assert any("customer_id" not in order for order in created)


def test_the_oddities_of_real_streams_occur_but_are_rare() -> None:
    texts = [event.published_at for event in published()]
    for odd in (lambda text: len(text.strip()) == 30, lambda text: text.strip()[-1] != "Z", lambda text: " " in text):
        assert 0.01 < sum(map(odd, texts)) / len(texts) < 0.1
    bodies = [event.body("acme") for event in published() if event.says_id_twice]
    assert 0 < len(bodies) / len(texts) < 0.02
    assert all(body.split(b'"payload":')[1].startswith(b'{"id":"') and body.count(b'"id":') > 1 for body in bodies)
    addresses = [event.payload["shipping_address"] for event in named("order.created")]
    assert {("address_line_1" in each, "address_line1" in each) for each in addresses} == {
        (True, True),
        (True, False),
        (False, True),
    }
    assert any(each["first_name"] == "" for each in addresses)
    assert any(event.payload.get("associate_id") == "unknown" for event in named("fulfillment_request.assigned"))
