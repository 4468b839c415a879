"""What was set aside stays so, in whatever order the rest comes. What is awaited since a later time is a gap of its
own."""

from itertools import permutations

import orjson
import pytest

from processors.orders.apply import acknowledge, apply, mark_late
from processors.orders.fact import Fact
from processors.orders.row import load
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import EVERYTHING, Json, back, clock, fact, items, paid, pieces, request
from tests.unit.processors.orders.upcoming_facts import (
    BEGINNING,
    CAPTURED,
    CLOSED,
    COMPLETED,
    DAY,
    DONE,
    HANDED_OVER,
    HOUR,
    OPENED,
    REFUNDED,
    START,
    at,
    created,
    opened,
    shipped,
    stalled,
    told,
)

SAID_DAYS = 30
LATER_HOURS = 24 * 40
"""When events that come after it was set aside are received, in hours after the start."""
END_HOURS = 24 * 400
PRICED: Json = {"quantity": 1, "list_price": 50, "tax": 0, "item_discounts": 0, "order_discounts": 0}
BOTH: Json = {"items": items("A", "B", **PRICED), "currency": "EUR", "grand_total": 100, "price_method": "tax_excluded"}
ONE_OFF = (
    *(at(fact(name, clock(0), **BOTH), 0) for name in ("order.created", "order.opened")),
    *(told(action, 0, 100) for action in ("authorized", "captured")),
    at(fact("order.items_cancelled", clock(5), items=items("B")), 0),
)
"""Both were paid, and one is cancelled."""
SENT = [at(each, 0) for each in (request("assigned", 2, "A"), request("items_completed", 5, "A"), CLOSED)]


def set_aside(name: str, *facts: Fact, days: int = SAID_DAYS) -> bytes:
    """The row of an order that is no longer stalled for this, since somebody set it aside."""
    row = mark_late(apply(None, facts, EVERYTHING).row, START + days * DAY, EVERYTHING).row
    return said_again(name, row, days)


def said_again(name: str, row: bytes, days: int) -> bytes:
    applied = acknowledge(row, (name, "paid back in the store", rfc3339_millis(START + days * DAY)), EVERYTHING)
    assert applied is not None
    assert orjson.loads(applied.state)["stalled"] == []
    return applied.row


def kept(row: bytes) -> list[str]:
    """What the row knows as set aside."""
    return [name for name, _, _ in load(row).acknowledged]


def test_a_return_that_was_set_aside_stays_so_whatever_comes_first_of_another() -> None:
    """The refund alone may be for either return."""
    row = set_aside(f"{REFUNDED}:r", *DONE, at(back("r", 20, pieces("A"), total_refund_amount=5, currency="EUR"), 1))
    other = at(back("s", 25, total_refund_amount=5, currency="EUR"), LATER_HOURS)
    for facts in permutations([other, told("refunded", LATER_HOURS, 5, correlation_id="s")]):
        found = row
        for each in facts:
            found = apply(found, [each], EVERYTHING).row
        assert (stalled(found, END_HOURS), kept(found)) == ([], [f"{REFUNDED}:r"])


def test_a_return_that_was_set_aside_stays_so_whichever_of_two_a_refund_is_said_to_be_for_first() -> None:
    """One step is told twice, and the later telling counts."""
    returns = [at(back(each, 20, total_refund_amount=4, currency="EUR"), 1) for each in "rs"]
    row = apply(set_aside(f"{REFUNDED}:r", *DONE, returns[0]), returns[1:], EVERYTHING).row
    tellings = [at(paid("refunded", n, "t", 4, correlation_id=of), LATER_HOURS) for n, of in ((30, "r"), (31, "s"))]
    for told_first in permutations(tellings):
        found = row
        for each in told_first:
            found = apply(found, [each], EVERYTHING).row
        assert (stalled(found, END_HOURS), kept(found)) == ([], [f"{REFUNDED}:r"])


def test_what_is_kept_for_a_cancelled_item_stays_set_aside_whatever_comes_first_of_a_return() -> None:
    """The refund alone is all that was owed."""
    row = set_aside(REFUNDED, *ONE_OFF, *SENT)
    returned = at(back("r", 20, pieces("A"), total_refund_amount=50, currency="EUR"), LATER_HOURS)
    for facts in permutations([returned, told("refunded", LATER_HOURS, 50, correlation_id="r")]):
        found = row
        for each in facts:
            found = apply(found, [each], EVERYTHING).row
        assert stalled(found, END_HOURS) == []


def test_what_was_published_after_that_is_awaited_though_received_by_a_clock_that_is_behind() -> None:
    an_hour_later = rfc3339_millis(START + SAID_DAYS * DAY + HOUR)
    later = fact("order.cancelled", an_hour_later, items=items("A", "B", status="cancelled"))
    row = apply(set_aside(REFUNDED, *ONE_OFF), [at(later, 24 * SAID_DAYS - 2)], EVERYTHING).row
    assert REFUNDED in stalled(row, END_HOURS)


@pytest.mark.parametrize(
    "later",
    [
        fact("order.cancelled", clock(60), items=items("A", "B", status="cancelled")),
        paid("captured", 60, "again", 100),
    ],
)
def test_what_is_kept_since_then_is_awaited(later: Fact) -> None:
    row = apply(set_aside(REFUNDED, *ONE_OFF), [at(later, LATER_HOURS)], EVERYTHING).row
    assert REFUNDED in stalled(row, END_HOURS)
    again = mark_late(row, START + 100 * DAY, EVERYTHING).row
    assert REFUNDED not in stalled(said_again(REFUNDED, again, 101), END_HOURS)


def test_what_came_before_it_was_said_is_set_aside() -> None:
    """However late it is read: it had been received when somebody set this aside."""
    row = apply(
        set_aside(REFUNDED, *ONE_OFF), [at(fact("order.items_cancelled", clock(4), items=items("B")), 1)], EVERYTHING
    ).row
    assert stalled(row, END_HOURS) == []


def test_more_that_lies_ready_is_awaited() -> None:
    ready = [at(request("items_ready_for_handover", n, item), 24 * n) for n, item in ((4, "A"), (50, "B"))]
    name = f"{HANDED_OVER}:request-1"
    row = set_aside(name, *BEGINNING, ready[0])
    assert stalled(row, END_HOURS) == []
    assert name in stalled(apply(row, [ready[1]], EVERYTHING).row, END_HOURS)


def test_a_loss_that_is_proved_since_then_is_no_longer_what_was_set_aside() -> None:
    """While the event was only awaited, nobody knew that it had been sent."""
    begun = [at(fact("order.created", clock(0), **BOTH), 0)]
    proof = [at(request("assigned", 2, "A"), LATER_HOURS), at(request("items_completed", 5, "A"), LATER_HOURS)]
    for arrived in (proof, proof[::-1]):
        row = apply(set_aside(OPENED, *begun), arrived, EVERYTHING).row
        late = mark_late(row, START + END_HOURS * HOUR, EVERYTHING)
        state = orjson.loads(late.state)
        assert (state["missing"], state["incomplete"], state["acknowledged"]) == ([OPENED], True, [])
        again = acknowledge(late.row, (OPENED, "nobody has it", rfc3339_millis(START + 401 * DAY)), EVERYTHING)
        assert again is not None
        known = orjson.loads(again.state)
        assert (known["incomplete"], [gap["name"] for gap in known["acknowledged"]]) == (False, [OPENED])


def test_a_loss_that_was_proved_stays_set_aside_however_much_more_proves_it() -> None:
    name = "fulfillment_request.assigned:request-1"
    lost = (*DONE[:2], *DONE[3:])
    more = at(request("items_failed", 7, "B"), LATER_HOURS)
    row = apply(set_aside(name, *lost), [more], EVERYTHING).row
    state = orjson.loads(mark_late(row, START + END_HOURS * HOUR, EVERYTHING).state)
    assert (state["missing"], state["incomplete"]) == ([name], False)
    assert [gap["name"] for gap in state["acknowledged"]] == [name]


@pytest.mark.parametrize(
    ("name", "facts", "event"),
    [
        (OPENED, (created(),), opened()),
        ("fulfillment_request.assigned:request-1", (*DONE[:2], *DONE[3:]), DONE[2]),
        (COMPLETED, DONE[:-1], CLOSED),
        (f"{HANDED_OVER}:request-1", (*BEGINNING, at(request("items_ready_for_handover", 4, "A"), 0)), shipped(1)),
    ],
)
def test_nothing_is_kept_of_what_came_after_all(name: str, facts: tuple[Fact, ...], event: Fact) -> None:
    row = set_aside(name, *facts)
    assert kept(row) == [name]
    assert kept(apply(row, [event], EVERYTHING).row) == []


@pytest.mark.parametrize("name", [CAPTURED, REFUNDED])
def test_of_what_recurs_one_is_kept_at_most(name: str) -> None:
    facts = {CAPTURED: (*BEGINNING, shipped(0), told("authorized", 0), CLOSED), REFUNDED: ONE_OFF}[name]
    row = set_aside(name, *facts)
    came = told(name.removeprefix("payment_account.amount_"), 1, {CAPTURED: 10, REFUNDED: 50}[name])
    assert kept(apply(row, [came], EVERYTHING).row) == [name]
