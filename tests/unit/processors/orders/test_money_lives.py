"""Awkward lives of money add up to the cent, in every order of arrival."""

from random import Random
from typing import Final

import pytest

from processors.orders.apply import apply
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    Json,
    attention,
    kinds,
    state_of,
    state_of_row,
    without_arrival,
)
from tests.unit.processors.orders.money_lives import LIVES

SUMS: Final = ("authorized", "captured", "voided", "refunded", "open_authorization", "net", "balance")


def settled(state: Json) -> dict[str, tuple[str, str | None]]:
    """Return what was refunded and what is outstanding, by return and refund request."""
    found = {**state["returns"], **state["refund_requests"]}
    return {each: (said["refunded"], said["refund_outstanding"]) for each, said in found.items()}


@pytest.mark.parametrize("name", LIVES)
def test_it_adds_up_to_the_cent_however_it_arrives(name: str) -> None:
    life = LIVES[name]
    state = state_of(*life.facts)
    assert (state["payment_status"], state["return_status"]) == life.statuses
    sums = {currency: tuple(each[field] for field in SUMS) for currency, each in state["payment_sums"].items()}
    assert sums == life.sums
    assert settled(state) == life.settled
    assert {each["payment"]: each["amount"] for each in state["unmatched_refunds"]} == life.unmatched
    assert attention(state) == life.attention
    assert (kinds(state), state["missing"]) == ([], [])
    chances = Random(name)
    for _ in range(20):
        again = chances.choices(life.facts, k=5)
        arrived = chances.sample([*life.facts, *again], len(life.facts) + 5)
        cut = chances.randrange(1, len(arrived))
        row = apply(apply(None, arrived[:cut], EVERYTHING).row, arrived[cut:], EVERYTHING).row
        assert without_arrival(state_of_row(row)) == without_arrival(state)
