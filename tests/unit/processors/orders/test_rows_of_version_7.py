"""Rows of version 7, of any life. They are judged anew without raw. They have nothing of payment events without a
readable transaction, and have currencies as they were spelt."""

import msgspec
import pytest

from processors.orders.apply import apply
from processors.orders.older_rows import is_older, load, unread_sources
from processors.orders.row import RULES_VERSION
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    Json,
    back,
    clock,
    fact,
    paid,
    state_of,
    state_of_row,
    without_arrival,
)
from tests.unit.processors.orders.test_older_rows import OLDER, facts_of, rows_of
from tests.unit.processors.orders.test_rows_of_version_3 import row_of

_PAYMENTS = 5
"""Their place in an order's slots."""


def of_version_7(row: bytes) -> bytes:
    """Return a row of this version as version 7 laid it out. All its transactions without an id must be unreadable
    ones."""
    order = msgspec.msgpack.decode(row, strict=False)
    order[0] = order[4][3] = 7
    order[7][_PAYMENTS] = {key: told for key, told in order[7][_PAYMENTS].items() if not key.endswith("#0")}
    return msgspec.msgpack.encode(order)


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older["order_id"][:8])
def test_this_is_how_version_7_laid_rows_out(older: Json) -> None:
    assert of_version_7(apply(None, facts_of(older), EVERYTHING).row) == rows_of(7)[older["order_id"]]


@pytest.mark.parametrize("version", range(2, 8))
def test_a_payment_of_which_nothing_could_be_read_is_listed_without_raw(version: int) -> None:
    told = fact("payment_account.amount_captured", clock(5), id=ORDER_ID, transactions={})
    facts = [fact("order.opened", clock(1), grand_total=9, currency="EUR"), paid("captured", 4, "t1", 2), told]
    row = msgspec.msgpack.decode(of_version_7(row_of(facts)), strict=False)
    row[0] = row[4][3] = version
    older = msgspec.msgpack.encode(row)
    assert is_older(older)
    found = state_of_row(older)
    assert found["payments"] == state_of(*facts)["payments"]
    assert found["payment_sums"]["EUR"]["balance"] is None
    assert version < 6 or (unread_sources(older), load(older).version) == ([], RULES_VERSION)


def test_one_that_is_to_come_again_or_is_lost_is_not_said_to_be_unreadable() -> None:
    order = load(of_version_7(row_of([fact("payment_account.amount_captured", clock(n), n=n) for n in (1, 2)])))
    assert len(order.slots.payments) == 2
    order.version, order.slots.payments, order.unread, order.lost = 7, {}, [0], [1]
    assert load(msgspec.msgpack.encode(order)).slots.payments == {}


def test_currencies_are_read_again_without_raw() -> None:
    facts = [
        fact("order.created", clock(0), grand_total=9, currency="usd"),
        fact("order.opened", clock(1), grand_total=9, currency="usd"),
        paid("captured", 4, "t1", 9, currency=" USD"),
        back("r1", 5, total_refund_amount=9, currency="usd"),
        fact("refund_request.issued", clock(6), amount=1, currency="usd"),
    ]
    older = load(row_of(facts))
    older.version = 7
    for listed in (older.slots.created, older.slots.opened):
        assert listed is not None
        listed[1][0]["currency"] = "usd"
    [told] = older.slots.payments["captured:t1"].values()
    told[0][2] = " USD"
    for _, kept in (*older.slots.returns.values(), *older.slots.refund_requests.values()):
        fields = kept[0] if isinstance(kept[0], list) else kept
        fields[fields.index("USD")] = "usd"
    found = state_of_row(msgspec.msgpack.encode(older))
    assert without_arrival(found) == without_arrival(state_of(*facts))
