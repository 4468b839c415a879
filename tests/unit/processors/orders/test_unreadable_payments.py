"""A payment event without a readable transaction still moved money: its sums are not known."""

import pytest

from tests.unit.processors.orders.facts import (
    ORDER_ID,
    Json,
    attention,
    clock,
    fact,
    in_any_order,
    paid,
    transaction,
)
from tests.unit.processors.orders.test_payments import OPENED, euros

UNREADABLE: list[object] = [
    transaction("c1", 100),
    {"c1": transaction("c1", 100)},
    [[transaction("c1", 100)]],
    ["c1"],
    [None],
    [{}],
    [],
    None,
    "c1",
]
"""Shapes of `transactions` without a readable transaction."""


def amounts(state: Json) -> dict[str, str]:
    return {key: each["amount"] for key, each in state["payments"].items()}


@pytest.mark.parametrize("unreadable", UNREADABLE)
@pytest.mark.parametrize("action", ["authorized", "captured", "voided", "refunded"])
def test_an_event_of_which_no_transaction_can_be_read_moved_an_amount_that_cannot_be(
    action: str, unreadable: object
) -> None:
    told = fact(
        f"payment_account.amount_{action}", clock(5), id=ORDER_ID, transactions=unreadable, instruments=unreadable
    )
    state = in_any_order(OPENED, paid("captured", 4, "c0", 10), told)
    key = f"{action}:{told.key}#0"
    assert amounts(state) == {"captured:c0": "10", key: None}
    assert ("unreadable_amount", key) in attention(state)
    assert euros(state)["balance"] == (None if action == "captured" else "90")


def test_so_did_one_that_has_no_transactions() -> None:
    told = fact("payment_account.amount_captured", clock(5), id=ORDER_ID, amount=100)
    assert attention(in_any_order(OPENED, told)) == {("unreadable_amount", f"captured:{told.key}#0")}


def test_of_several_the_ones_that_can_be_read_are_summed() -> None:
    """The others count as one, however many: a body has room for a hundred thousand."""
    told = fact("payment_account.amount_captured", clock(5), transactions=[*("c2", 0) * 5000, transaction("c1", 50)])
    state = in_any_order(OPENED, told)
    assert (euros(state)["captured"], euros(state)["balance"]) == ("50", None)
    assert attention(state) == {("unreadable_amount", f"captured:{told.key}#1")}
