"""The checker's own canonical order, by the words of the contract."""

from random import Random

from tests.programs.checker.facts import KNOWN, Fact, in_order

ORDER = (
    "order.created",
    "payment_account.amount_authorized",
    "order.items_swapped",
    "order.opened",
    "fulfillment_request.assigned",
    "order.serial_numbers_added",
    "fulfillment_request.items_ready_for_handover",
    "fulfillment_request.items_failed",
    "order.items_on_hold",
    "fulfillment_request.items_completed",
    "order.shipped",
    "order.items_cancelled",
    "invoice.created",
    "payment_account.amount_captured",
    "payment_account.amount_voided",
    "order.cancelled",
    "order.completed",
    "refund_request.issued",
    "return.processed",
    "payment_account.amount_refunded",
    "order.a_name_that_nobody_knows",
)


def fact(name: str, published_at: str, key: str = "", payload_hash: str = "") -> Fact:
    return Fact(name, name, published_at, "", "0:0", {}, key, payload_hash)


def shuffled(facts: list[Fact]) -> list[Fact]:
    return Random(1).sample(facts, len(facts))


def test_at_one_time_names_decide() -> None:
    assert set(ORDER[:-1]) == KNOWN
    facts = [fact(name, "2026-01-01T00:00:00Z") for name in ORDER]
    assert in_order(shuffled(facts)) == facts


def test_time_comes_first_and_what_the_bridge_calls_it_last() -> None:
    facts = [
        fact("order.completed", "no time"),
        fact("order.completed", "2026-01-01T00:00:00Z"),
        fact("order.created", "2026-01-01T01:00:00.25+01:00"),
        fact("order.items_on_hold", "2026-01-01T00:00:00.3", "a", "v1:1"),
        fact("order.items_on_hold", "2026-01-01T00:00:00.3", "a", "v1:2"),
        fact("order.items_on_hold", "2026-01-01T00:00:00.3", "b", "v1:0"),
    ]
    assert in_order(shuffled(facts)) == facts
