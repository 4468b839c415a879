"""The order in which facts happened."""

import pytest

from processors.orders.canonical import RANK, position
from processors.orders.fact import Fact
from schemas.events import EVENT_NAMES
from schemas.routing import aggregate_of
from tests.unit.processors.orders.facts import ORDER_ID, fact, state_of


def in_order(*facts: Fact) -> list[Fact]:
    return sorted(facts, key=lambda each: position(each.stored(conflict=False)))


def test_fractions_of_different_length_compare_as_times() -> None:
    times = ["2024-05-01T10:00:00Z", "2024-05-01T10:00:00.45Z", "2024-05-01T10:00:00.5Z", "2024-05-01T10:00:01Z"]
    facts = [fact("order.items_on_hold", at) for at in times]
    assert in_order(*reversed(facts)) == facts


def test_what_has_no_time_comes_first_and_then_by_rank() -> None:
    cancelled = fact("order.cancelled", "whenever")
    created = fact("order.created", None)
    opened = fact("order.opened", "0001-01-01T00:00:00Z")
    assert in_order(opened, cancelled, created) == [created, cancelled, opened]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("order.created", "payment_account.amount_authorized"),
        ("payment_account.amount_authorized", "order.opened"),
        ("order.opened", "fulfillment_request.assigned"),
        ("fulfillment_request.assigned", "order.items_on_hold"),
        ("order.items_swapped", "fulfillment_request.items_ready_for_handover"),
        ("order.serial_numbers_added", "fulfillment_request.items_ready_for_handover"),
        ("fulfillment_request.items_ready_for_handover", "fulfillment_request.items_failed"),
        ("fulfillment_request.items_failed", "fulfillment_request.items_completed"),
        ("fulfillment_request.items_failed", "order.shipped"),
        ("order.shipped", "order.items_cancelled"),
        ("order.items_cancelled", "invoice.created"),
        ("invoice.created", "payment_account.amount_captured"),
        ("invoice.created", "payment_account.amount_voided"),
        ("payment_account.amount_voided", "order.cancelled"),
        ("payment_account.amount_captured", "order.completed"),
        ("order.completed", "return.processed"),
        ("order.cancelled", "refund_request.issued"),
        ("refund_request.issued", "payment_account.amount_refunded"),
        ("return.processed", "payment_account.amount_refunded"),
        ("payment_account.amount_refunded", "invoice.aaa"),
    ],
)
def test_of_one_instant_the_rank_decides(earlier: str, later: str) -> None:
    assert in_order(fact(later), fact(earlier)) == [fact(earlier), fact(later)]


def test_every_documented_event_of_an_order_has_a_rank() -> None:
    assert set(RANK) == {name for name in EVENT_NAMES if aggregate_of(name) == "orders"}


def test_of_one_rank_the_name_decides_then_the_key() -> None:
    held, swapped = fact("order.items_on_hold", note="z"), fact("order.items_swapped", note="a")
    assert in_order(swapped, held) == [held, swapped]
    invoices = [fact("invoice.created", id=f"invoice-{n}") for n in range(9)]
    assert in_order(*reversed(invoices)) == invoices


def test_the_timeline_is_in_canonical_order_with_null_for_no_time() -> None:
    state = state_of(
        fact("order.opened", "2024-05-01T10:00:00.5Z", n=1),
        fact("order.created", "2024-05-01T10:00:00Z", n=2),
        fact("order.gift_wrapped", "some day", n=3),
    )
    assert [(entry["event"], entry["published_at"], entry["source"]) for entry in state["timeline"]] == [
        ("order.gift_wrapped", None, "0:3"),
        ("order.created", "2024-05-01T10:00:00Z", "0:2"),
        ("order.opened", "2024-05-01T10:00:00.5Z", "0:1"),
    ]
    assert state["timeline"][1]["key"] == ORDER_ID
    assert state["timeline"][1]["received_at"] == "1970-01-01T00:00:00.002Z"
    assert (state["first_received_at"], state["last_received_at"]) == (
        "1970-01-01T00:00:00.001Z",
        "1970-01-01T00:00:00.003Z",
    )
    assert state["version"] == 3
