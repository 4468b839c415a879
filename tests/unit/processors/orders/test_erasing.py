"""Erased orders: what is left of them, and that nothing brings them back."""

from typing import Any

import pytest

from processors.orders import agent, second_try
from processors.orders.erasing import erasing
from processors.orders.gone import GONE, Gone, gone_key
from processors.orders.older_rows import NewerRowError
from processors.orders.table import UNPROCESSED, row_key
from processors.orders.unprocessed import LISTED
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import of_a_later_version
from tests.unit.processors.orders.kept import RETENTION, RULES, Table, states
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.units import TOPICS, FakeUnit


@pytest.fixture
def table() -> Table:
    return Table()


def erased(table: Table, order_id: str, now_ms: int) -> FakeUnit:
    unit = FakeUnit([], table.rows, now_ms=now_ms)
    gone = erasing(order_id, TOPICS, RULES)(unit)  # type: ignore[arg-type]  # takes the unit's place
    assert gone == Gone.of(order_id, rfc3339_millis(now_ms), erased=True)
    return unit


def test_an_erased_order_does_not_come_back_whatever_comes_of_it(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    assert states(erased(table, "a", 2_000)) == [(b"a", None)]
    assert states(table.deliver(record(1, "opened", "a", at=3_000))) == []
    broken = FakeUnit([record(2, "completed", "a", at=4_000)], table.rows)
    table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    assert [emitted[0] for emitted in broken.emitted] == [TOPICS.quarantine]
    table.go_round(99 * RETENTION)
    assert table.left() == {gone_key("a")}


def test_of_an_erased_order_no_record_is_kept_that_it_has_not_listed(table: Table) -> None:
    """This holds however many records the code has failed on."""
    table.deliver(record(0, "created", "a", at=1_000), record(1, "created", "b", at=1_000))
    for n, order_id in [*((n, "a") for n in range(2, LISTED + 5)), (90, "b")]:
        broken = FakeUnit([record(n, f"event_{n}", order_id, at=1_000)], table.rows)
        table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    erased(table, "a", 2_000)
    assert [key for key, row in table.rows.items() if key.startswith(UNPROCESSED) and row] == [UNPROCESSED + b"0:90"]


def test_an_order_that_is_not_there_yet_can_be_erased_too(table: Table) -> None:
    assert states(erased(table, "a", 2_000)) == [(b"a", None)]
    assert states(table.deliver(record(1, "opened", "a", at=3_000))) == []


def test_what_was_erased_is_not_erased_again(table: Table) -> None:
    erased(table, "a", 2_000)
    unit: Any = FakeUnit([], table.rows, now_ms=9_000)
    assert erasing("a", TOPICS, RULES)(unit) == Gone.of("a", rfc3339_millis(2_000), erased=True)
    assert (unit.emitted, unit.put_keys) == ([], [])


def test_an_order_of_a_later_version_is_erased_by_that(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    table.rows[row_key(b"a")] = of_a_later_version(table.rows[row_key(b"a")] or b"")
    unit: Any = FakeUnit([], table.rows, now_ms=9_000)
    assert isinstance(erasing("a", TOPICS, RULES)(unit), NewerRowError)
    assert (unit.emitted, unit.put_keys) == ([], [])


def test_an_order_that_was_forgotten_and_then_erased_does_not_begin_anew(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    erased(table, "a", 3_000 + RETENTION)
    assert states(table.deliver(record(1, "opened", "a", at=9 * RETENTION))) == []


def test_what_is_left_of_an_order_does_not_name_it(table: Table) -> None:
    erased(table, "order-0815", 2_000)
    [(key, row)] = [(key, row) for key, row in table.rows.items() if key.startswith(GONE)]
    assert row is not None
    assert b"0815" not in key + row
    assert Gone.read(row) == Gone.of("order-0815", rfc3339_millis(2_000), erased=True)


def test_a_kept_record_of_an_order_that_is_gone_is_not_tried_again(table: Table) -> None:
    """Perhaps no order lists the record: the code may have failed on the order's row."""
    broken = FakeUnit([record(0, "completed", "a", at=1_500)], table.rows)
    table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    kept = {key: row for key, row in table.rows.items() if key.startswith(UNPROCESSED)}
    erased(table, "a", 2_000)
    table.rows |= kept
    table.restart(RULES)
    assert [key for key, _ in states(table.deliver(record(1, "created", "b", at=3_000)))] == [b"b"]
    assert {key for key in table.left() if not key.endswith(b"b")} == {gone_key("a")}
    assert row_key(b"b") in table.left()


def test_an_order_of_which_nothing_was_known_but_that_it_is_too_large_does_not_come_back(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order had no row: the code failed on its first event, and the order had no room for it at the second try."""
    with monkeypatch.context() as failing:
        failing.setattr(agent, "list_unprocessed", lambda *_: 1 / 0)
        broken = FakeUnit([record(0, "created", "a", at=1_000)], table.rows)
        table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
        failing.setattr(second_try, "within", lambda *_: None)
        table.restart(RULES)
        other = table.deliver(record(1, "created", "b", at=1_000))
    full = {key: row for key, row in table.rows.items() if key.startswith(b"full/") and row is not None}
    assert (len(full), [key for key, _ in states(other)]) == (1, [b"b"])
    erased(table, "a", 2_000)
    assert not full.keys() & table.left()
    table.rows |= full  # as an earlier version has left it
    assert table.deliver(record(2, "completed", "a", at=3_000)).emitted == []


@pytest.mark.parametrize(
    ("erased", "words"), [(True, "it was erased at"), (False, "it was forgotten: nothing came of it since")]
)
def test_who_asks_for_an_order_that_is_gone_is_told_since_when(erased: bool, words: str) -> None:
    gone = Gone.of("a", rfc3339_millis(2_000), erased=erased)
    assert gone.in_words() == f"{words} 1970-01-01T00:00:02.000Z"
