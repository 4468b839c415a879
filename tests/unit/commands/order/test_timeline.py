"""The last events of an order."""

import pytest

from schemas.order_state import OrderState
from tests.unit.commands.order.orders import document, order, printed, section, shipped_and_paid
from tests.unit.processors.orders.facts import clock, fact


def test_of_a_long_life_it_says_how_much_is_shown() -> None:
    facts = [fact("order.serial_numbers_added", clock(10 + n), n=n, note=n) for n in range(50)]
    text = printed(order(*shipped_and_paid(), *facts))
    rows = section(text, "As it happened: the last 20 of 57 to happen")
    assert rows[-1] == "order.serial_numbers_added 2024-05-01 10:00:59 1970-01-01 00:00:00 0:49"
    assert len(rows) == 21


def test_of_a_short_one_it_does_not() -> None:
    assert len(section(printed(order(*shipped_and_paid())), "As it happened\n")) == 8


def test_an_older_document_does_not_say_how_long_it_is() -> None:
    state = document(shipped_and_paid())
    del state["timeline_count"]
    assert "As it happened\n" in printed(OrderState.model_validate(state))


def test_it_can_be_told_as_it_arrived() -> None:
    facts = [fact("order.created", clock(1), n=2000), fact("order.opened", clock(2), n=1000)]
    rows = section(printed(order(*facts), by_arrival=True), "As it arrived")[1:]
    assert [row.split()[0] for row in rows] == ["order.opened", "order.created"]


def test_a_time_that_is_none_is_not_known() -> None:
    (row,) = section(printed(order(fact("order.created", "soon", n=1000))), "As it happened")[1:]
    assert row == "order.created - 1970-01-01 00:00:01 0:1000"


@pytest.mark.parametrize("width", [20, 40, 50, 60, 80])
def test_in_a_narrow_terminal_nothing_is_cut(width: int) -> None:
    def letters(width: int) -> list[str]:
        text = printed(order(*shipped_and_paid()), width=width)
        return sorted("".join(text[text.index("As it happened") :].split()))

    assert letters(width) == letters(200)
