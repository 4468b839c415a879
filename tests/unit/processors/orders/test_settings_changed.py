"""After a change of settings the next round judges marked and listed orders by them, once. No other order costs
anything."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from processors.orders import rounds as going
from processors.orders.apply import Applied, OrderRules, acknowledge, judged_again
from processors.orders.index import list_prefix
from processors.orders.order_rules import History, Patience
from processors.orders.standing import LISTS
from processors.orders.table import JUDGED_BY, row_key
from processors.orders.waiting import pending_key
from schemas.events import EVENT_NAMES
from tests.unit.processors.orders.facts import Json, items, of_a_later_version
from tests.unit.processors.orders.kept import Table, states
from tests.unit.processors.orders.sweeps import DAY, LATE_AFTER
from tests.unit.processors.orders.units import FakeUnit, event_record, short_of_memory

ALL = frozenset(EVENT_NAMES)
UNHEARD = ("order.created", "payment_account.amount_refunded")
SINCE = History("2025-06-01", "2025-09-01")


def rules(*unheard: str, **options: Any) -> OrderRules:
    return OrderRules(ALL - {*unheard}, LATE_AFTER, retention_ms=400 * DAY, **options)


def ticks(table: Table, *days: int) -> list[FakeUnit]:
    return [unit for day in days for unit in table.go_round(day * DAY)]


def listed(table: Table) -> dict[str, list[bytes]]:
    """The orders that each list's rows name."""
    prefixes = {name: list_prefix(name) for name in LISTS}
    found = {name: [key[-1:] for key in sorted(table.left()) if key.startswith(prefixes[name])] for name in LISTS}
    return {name: orders for name, orders in found.items() if orders}


@pytest.fixture
def table() -> Table:
    """Order "a" lacks its first event. Order "b" waits in vain for a refund that it is owed."""
    table = Table()
    table.restart(rules())
    whole: Json = {"currency": "EUR", "grand_total": 100, "items": items("1", list_price=100)}
    paid: Json = {"transactions": [{"id": "t", "amount": 100, "currency": "EUR", "instrument_id": "i"}]}
    table.deliver(event_record(1, "order.opened", id="a", **whole))
    table.deliver(
        event_record(2, "order.created", id="b", **whole),
        event_record(3, "order.opened", id="b", **whole),
        event_record(4, "payment_account.amount_authorized", id="b", **paid),
        event_record(5, "payment_account.amount_captured", id="b", **paid),
        event_record(6, "order.completed", id="b", items=items("1", status="complete")),
        event_record(
            *(7, "return.processed"), id="r", order_id="b", currency="EUR", total_refund_amount=100, items=items("1")
        ),
    )
    ticks(table, 1, 2, 6, 7)
    owed = {"stalled": [b"b"], "refund_outstanding": [b"b"]}
    assert listed(table) == {"unfinished": [b"a"], "incomplete": [b"a"], **owed}
    assert (table.totals["incomplete"], table.totals["stalled"]) == (1, 1)
    return table


def test_what_no_longer_counts_leaves_lists_and_totals_by_itself(table: Table) -> None:
    table.restart(rules(*UNHEARD))
    written = states(*ticks(table, 8, 9, 10))
    assert [(key, state and (state["incomplete"], state["stalled"])) for key, state in written] == [
        (b"a", (False, [])),
        (b"b", (False, [])),
    ]
    assert listed(table) == {"unfinished": [b"a"]}
    assert (table.totals["incomplete"], table.totals["stalled"]) == (0, 0)


def test_so_it_is_of_orders_that_are_from_before_the_bridge_now(table: Table) -> None:
    table.restart(rules(history=SINCE))
    assert [key for key, _ in states(*ticks(table, 8, 9))] == [b"a", b"b"]
    assert listed(table) == {"unfinished": [b"a"]}
    assert [table.totals[name] for name in ("incomplete", "stalled", "partial_history")] == [0, 0, 2]


def test_what_is_due_by_them_is_marked_as_ever_and_takes_the_place_of_what_was(table: Table) -> None:
    table.restart(rules("order.created"))
    ticks(table, 8)
    assert listed(table)["stalled"] == [b"b"]
    table.restart(rules("payment_account.amount_refunded"))
    assert [(key, state and state["incomplete"]) for key, state in states(*ticks(table, 9))] == [
        *((b"a", False), (b"b", False), (b"a", True)),
    ]
    assert listed(table) == {"unfinished": [b"a"], "incomplete": [b"a"]}


def test_so_does_what_is_no_longer_watched(table: Table) -> None:
    """Nobody could set it aside: by these rules the order waits for nothing."""
    off = rules(patience=Patience(refunded=0))
    row = table.rows[row_key(b"b")] or b""
    assert acknowledge(row, ("payment_account.amount_refunded:r", "", ""), off) is None
    table.restart(off)
    assert [(key, state and state["stalled"]) for key, state in states(*ticks(table, 8, 9))] == [(b"b", [])]
    assert "stalled" not in listed(table)
    assert table.totals["stalled"] == 0


def test_who_is_more_patient_or_less_finds_nothing_else(table: Table) -> None:
    for n, patience in enumerate((Patience(refunded=90 * DAY), Patience(refunded=DAY))):
        table.restart(rules(patience=patience))
        assert states(*ticks(table, 8 + n)) == []
    assert listed(table)["stalled"] == [b"b"]


def all_judged(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The rows that rounds judge from now on."""
    judged = list[bytes]()

    def noted(row: bytes, by: OrderRules) -> Applied | None:
        judged.append(row)
        return judged_again(row, by)

    monkeypatch.setattr(going, "judged_again", noted)
    return judged


def test_as_long_as_they_stay_a_round_judges_and_writes_nothing(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = all_judged(monkeypatch)
    table.restart(rules())
    assert (judged, [unit.put_keys for unit in ticks(table, 8, 9, 10) if unit.put_keys]) == ([], [])


def test_they_are_asked_for_once_and_the_round_ends(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = all_judged(monkeypatch)
    table.restart(rules(*UNHEARD))
    ticks(table, 8)
    assert len(judged) == 2
    ticks(table, 9)
    table.restart(rules(*UNHEARD))
    ticks(table, 10)
    assert len(judged) == 2


def test_an_order_in_no_list_is_left_alone(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.restart(rules(*UNHEARD))
    ticks(table, 8)
    table.deliver(event_record(20, "order.cancelled", id="a"))
    judged = all_judged(monkeypatch)
    table.restart(rules())
    ticks(table, 9)
    assert (judged, listed(table)) == ([], {})


def test_one_that_waits_to_be_joined_is_judged_with_what_waits(table: Table) -> None:
    table.rows[pending_key(b"a")] = b"1"
    table.restart(rules(*UNHEARD))
    assert [key for key, _ in states(*ticks(table, 8))] == [b"b"]


def test_another_worker_that_had_the_partition_meanwhile_may_have_judged_by_others(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other worker notes that there is something to do. A round that began before has not seen what that worker
    did."""
    monkeypatch.setattr(going, "ROWS", 1)
    table.restart(rules(*UNHEARD))
    ticks(table, 8)
    table.restart(rules())
    table.tick(9 * DAY)
    assert table.rows[JUDGED_BY] is None
    table.raw.asked[0].end = 0
    table.tick(9 * DAY)
    table.go_round(9 * DAY, opening=1)
    assert table.rows[JUDGED_BY] is None
    table.go_round(10 * DAY, opening=1)
    assert table.rows[JUDGED_BY]


def test_one_that_got_it_back_before_its_next_round_leaves_that_it_judges_by_others(table: Table) -> None:
    """Its own round is over for a day, and so is the other worker's."""
    ticks(table, 8)
    before = table.raw, table.orders
    table.restart(rules(*UNHEARD))
    table.go_round(8 * DAY + 1, opening=1)
    assert table.rows[JUDGED_BY]
    table.raw, table.orders = before
    table.deliver(event_record(20, "order.opened", id="c"))
    table.go_round(8 * DAY + 2 * LATE_AFTER, opening=2)
    assert (listed(table)["incomplete"], table.rows[JUDGED_BY]) == ([b"c"], None)
    table.restart(rules(*UNHEARD))
    table.go_round(8 * DAY + 3 * LATE_AFTER, opening=3)
    assert listed(table) == {"unfinished": [b"a", b"c"]}
    assert table.rows[JUDGED_BY]


def test_one_that_fails_or_is_of_a_later_version_keeps_no_other_waiting(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = table.rows[row_key(b"a")]

    def failing(order: bytes, by: OrderRules) -> Applied | None:
        if order == row:
            raise RuntimeError("a bug")
        return judged_again(order, by)

    monkeypatch.setattr(going, "judged_again", failing)
    table.restart(rules(*UNHEARD))
    with capture_logs() as logs:
        assert [key for key, _ in states(*ticks(table, 8))] == [b"b"]
    assert [(line["event"], line["order_id"]) for line in logs] == [("an order cannot be looked at", "a")]
    table.rows[row_key(b"a")] = of_a_later_version(row or b"")
    table.restart(rules())
    with capture_logs() as logs:
        ticks(table, 9)
    assert logs == []


def test_short_of_memory_the_tick_fails(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(going, "judged_again", short_of_memory)
    table.restart(rules(*UNHEARD))
    with pytest.raises(MemoryError):
        ticks(table, 8)


def test_one_that_no_record_holds_stays_as_it_is(table: Table) -> None:
    table.restart(rules(*UNHEARD))
    assert states(*table.go_round(8 * DAY, max_value_bytes=300)) == []
    assert table.rows[JUDGED_BY]
