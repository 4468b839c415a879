"""Rows of version 6, of any life. They lack nothing, and are judged anew, since what is owed and kept differs by
now."""

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.apply import apply
from processors.orders.older_rows import is_older, load, unread_sources
from processors.orders.row import RULES_VERSION
from processors.orders.table import TOTALS_KEY, older_orders, read_totals, row_key
from tests.unit.processors.orders.facts import EVERYTHING, Json, clock, fact, items
from tests.unit.processors.orders.lifecycles import often
from tests.unit.processors.orders.test_older_rows import OLDER, facts_of, rows_of
from tests.unit.processors.orders.test_rows_of_version_3 import brought_up, life, row_of, without_revision
from tests.unit.processors.orders.test_upgrade import Rows, handler, older, tick


def of_version_6(row: bytes) -> bytes:
    """Return a row of this version as version 6 laid it out."""
    order = msgspec.msgpack.decode(row, strict=False)
    order[0] = order[4][3] = 6
    return msgspec.msgpack.encode(order)


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older["order_id"][:8])
def test_this_is_how_version_6_laid_rows_out(older: Json) -> None:
    assert of_version_6(apply(None, facts_of(older), EVERYTHING).row) == rows_of(6)[older["order_id"]]


@often
@given(st.integers(0, 2**32))
def test_a_row_that_was_brought_up_without_raw_is_that_of_the_same_events(seed: int) -> None:
    facts, _ = life(seed)
    row = row_of(facts)
    older = of_version_6(row)
    assert is_older(older)
    assert without_revision(brought_up(older, {})) == without_revision(row)


def test_raw_is_not_asked_for_events_of_requests_without_a_timestamp() -> None:
    sent = fact("fulfillment_request.items_completed", clock(8), n=4, items=items("A"), logical_timestamp=None)
    older = of_version_6(row_of([sent]))
    assert (unread_sources(older), load(older).version) == ([], RULES_VERSION)


@pytest.mark.parametrize("version", [5, 6])  # these of version 5 lack no timestamps
def test_every_one_is_judged_anew_in_the_background_without_raw_where_it_lacks_nothing(version: int) -> None:
    orders, raw = handler()
    rows: Rows = {row_key(order_id.encode()): row for order_id, row in rows_of(version).items()}
    rows[TOTALS_KEY] = orjson.dumps({"status:completed": len(OLDER), f"rules:{version}": len(OLDER)})
    states = []
    while older_orders(read_totals(rows[TOTALS_KEY])):
        more, unit = tick(orders, rows)
        assert more
        states += unit.states()
    assert {state["order_id"] for state in states} == {each["order_id"] for each in OLDER}
    assert (older(rows), raw.asked) == (0, [])
