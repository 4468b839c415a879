"""How many lines the simulator's orders have."""

from datetime import UTC, datetime

import orjson
import pytest

from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix

pytestmark = pytest.mark.thorough

START = datetime(2026, 1, 1, tzinfo=UTC)


def lines_of(mix: Mix) -> set[int]:
    """The numbers of lines of created orders."""
    sent = (each.body for each in deliveries(3, mix, "acme", START) if each.event == "order.created")
    return {len(orjson.loads(body)["payload"]["items"]) for body in sent}


def test_orders_have_as_many_lines_as_the_mix_says() -> None:
    assert lines_of(Mix(40, lines=(60, 100))) == {60, 100}


def test_without_a_word_orders_are_small() -> None:
    assert lines_of(Mix(200)) == {1, 2, 3, 5}
