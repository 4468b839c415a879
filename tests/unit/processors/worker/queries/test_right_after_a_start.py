"""Between a start and the first tick, orders are what they were for the process before."""

from datetime import timedelta

import pytest

from processors.orders.apply import OrderRules
from processors.orders.beginning import BEGAN, Beginning
from tests.unit.processors.worker.queries.network import CALLER, ME, OTHER, Network
from tests.unit.processors.worker.queries.partitions import Shop
from tests.unit.processors.worker.queries.test_local import lines, opened, refunded

MAY = 1_714_521_600_000


def rules_of_a_new_process() -> OrderRules:
    return OrderRules(beginning=Beginning(timedelta(days=120)))


@pytest.fixture
def shop() -> Shop:
    """A shop with an order from before the bridge listened. Its partitions know since when the bridge listens."""
    shop = Shop(rules_of_a_new_process()).tell(opened("o-1", placed_at="2024-04-01T00:00:00Z"), refunded("o-1"))
    for table in shop.tables:
        table.rows[BEGAN] = b"%d" % MAY
    return shop


@pytest.mark.parametrize("asked", [ME, OTHER])
async def test_an_order_from_before_the_bridge_says_so(shop: Shop, asked: str) -> None:
    state = (await Network(shop).queries[asked].order("o-1", CALLER)).body
    assert (state["partial_history"], state["suspected"], state["attention"]) == (True, [], [])


async def test_lists_ask_nobody_to_look_at_what_was_given_back_for_what_was_before(shop: Shop) -> None:
    assert [line["attention"] for line in await lines(shop)] == [[]]
