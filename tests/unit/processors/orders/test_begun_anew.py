"""A forgotten order begins anew with whatever comes first, even what cannot be joined, and says so."""

from typing import Any

import pytest

from processors.orders import agent, rounds, second_try
from processors.orders.apply import Applied
from processors.orders.gone import gone_key
from processors.orders.table import UNPROCESSED
from processors.orders.too_large import within
from processors.orders.unprocessed import LISTED
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.kept import RETENTION, RULES, Table, states, went
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

LATER = 3_000 + RETENTION


@pytest.fixture
def forgotten() -> Table:
    """A table that has forgotten an order."""
    table = Table()
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    return table


def state(*units: FakeUnit) -> dict[str, Any]:
    [(_, found)] = states(*units)
    assert found is not None
    return found


def refused(table: Table, number: int = 1, at: int = LATER) -> FakeUnit:
    unit = FakeUnit([record(number, "completed", "a", at=at)], table.rows)
    table.orders.refuse(unit, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    return unit


def too_large(table: Table, monkeypatch: pytest.MonkeyPatch) -> FakeUnit:
    monkeypatch.setattr(agent, "fitting", lambda *_: (0, None))
    return table.deliver(record(1, "completed", "a", at=LATER))


def test_by_one_that_can_be_joined(forgotten: Table) -> None:
    assert state(forgotten.deliver(record(1, "completed", "a", at=LATER)))["partial_history"] is True


def test_by_none_that_was_received_before_nothing_had_come_of_it_for_so_long(forgotten: Table) -> None:
    """What was received in that very moment counts, whether the order has begun anew by then or not."""
    assert states(forgotten.deliver(record(1, "completed", "a", at=1_999))) == []
    assert state(forgotten.deliver(record(2, "completed", "a", at=2_000)))["timeline_count"] == 1
    assert state(forgotten.deliver(record(3, "opened", "a", at=1_999)))["timeline_count"] == 1
    assert state(forgotten.deliver(record(4, "opened", "a", at=2_000)))["timeline_count"] == 2


def test_by_one_on_which_the_code_fails(forgotten: Table) -> None:
    """The order once awaited `order.created` for ever, whatever came later."""
    assert state(refused(forgotten))["partial_history"] is True


def test_by_one_that_is_too_large(forgotten: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(too_large(forgotten, monkeypatch))["partial_history"] is True


def test_by_one_that_is_kept_and_tried_again(forgotten: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order could not even list the event."""

    def fails(*_: object) -> Applied:
        raise ValueError("a bug")

    with monkeypatch.context() as before:
        before.setattr(agent, "list_unprocessed", fails)
        refused(forgotten)
    applied: list[bytes | None] = []

    def observed(row: bytes | None, *said: Any) -> Applied | None:
        applied.append(row)
        return within(row, *said)

    monkeypatch.setattr(second_try, "within", observed)
    forgotten.restart(forgotten.orders._rules)
    later = forgotten.deliver(record(2, "created", "b", at=LATER))
    assert dict(states(later))[b"a"] is not None
    assert applied[0] is not None
    assert dict(states(later))[b"a"]["partial_history"] is True  # type: ignore[index]  # it is not None


def test_by_one_that_came_while_a_round_was_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round asks what raw holds when it begins, and goes on for hours. The ingress's clock is behind."""
    monkeypatch.setattr(rounds, "ROWS", 1)
    table = Table()
    table.deliver(*(record(n, "created", order, at=1_000) for n, order in enumerate("abc")))
    began = 2_000 + RETENTION
    table.tick(began)
    table.raw.asked[0].end = 0
    assert went([table.tick(began + 1_000 * n) for n in (1, 2, 3)]) == [b"a", b"b", b"c"]
    assert state(table.deliver(record(3, "completed", "c", at=began - 5_000)))["timeline_count"] == 1


def test_by_one_that_is_kept_and_came_too_late_to_be_listed() -> None:
    """The order lists no more, and did not know of this event when it was forgotten."""
    table = Table()
    for n in range(LISTED):
        refused(table, n, at=1_000)
    refused(table, LISTED, at=RETENTION)
    assert went(table.go_round(2_000 + RETENTION)) == [b"a"]
    table.restart(RULES)
    found = dict(states(table.deliver(record(LISTED + 1, "created", "b", at=LATER))))[b"a"]
    assert found is not None
    assert [entry["received_at"] for entry in found["timeline"]] == [rfc3339_millis(RETENTION)]


def test_without_what_was_kept_from_before(forgotten: Table) -> None:
    """More events had failed than the order lists. It began anew before the round came to the events that were only
    kept."""
    before = Table()
    refused(before, 2, at=1_500)
    forgotten.deliver(record(3, "completed", "a", at=LATER))
    forgotten.rows |= {key: row for key, row in before.rows.items() if key.startswith(UNPROCESSED)}
    forgotten.restart(RULES)
    assert [key for key, _ in states(forgotten.deliver(record(4, "created", "b", at=LATER)))] == [b"b"]
    assert not [key for key in forgotten.left() if key.startswith(UNPROCESSED)]


def test_without_what_a_migration_reads_once_more_behind_it(forgotten: Table) -> None:
    """A migration reads raw's partitions in any order."""
    forgotten.deliver(record(1, "completed", "a", at=LATER))
    left = forgotten.left()
    again = forgotten.deliver(event_record(1, "order.created", id="a", external_id="e-1", items=[]))
    assert state(again)["timeline_count"] == 1
    assert forgotten.left() == left


@pytest.mark.parametrize("knows", [True, False])
def test_without_what_fails_once_more_behind_it(forgotten: Table, *, knows: bool) -> None:
    """The order's own row knows for longest that it was forgotten."""
    forgotten.deliver(record(1, "completed", "a", at=LATER))
    if not knows:
        del forgotten.rows[gone_key("a")]
    left = forgotten.left()
    refused(forgotten, 2, at=1_500)
    assert forgotten.left() == left  # its body is not kept either
    assert state(forgotten.deliver(record(3, "opened", "a", at=LATER)))["unprocessed"] == []


@pytest.mark.parametrize("knows", [True, False])
def test_without_what_comes_once_more_when_it_is_full(
    forgotten: Table, monkeypatch: pytest.MonkeyPatch, *, knows: bool
) -> None:
    """The event was put aside as too large, and no later one was listed or kept."""
    forgotten.deliver(record(1, "completed", "a", at=LATER))
    if not knows:
        del forgotten.rows[gone_key("a")]
    monkeypatch.setattr(agent, "fitting", lambda *_: (0, None))
    before = [record(n, "created", "a", at=1_500) for n in (2, 4)]
    assert listed(forgotten.deliver(before[0], record(3, "opened", "a", at=LATER))) == ["0:3"]
    assert forgotten.deliver(before[1]).emitted == []
    assert listed(forgotten.deliver(record(5, "shipped", "a", at=LATER))) == ["0:3", "0:5"]
    kept = {key.removeprefix(UNPROCESSED) for key in forgotten.left() if key.startswith(UNPROCESSED)}
    assert kept == {b"0:3", b"0:5"}


def listed(unit: FakeUnit) -> list[str]:
    """The sources that the order lists. One event of the unit must be in quarantine."""
    assert [emitted[0] for emitted in unit.emitted].count(TOPICS.quarantine) == 1
    return sorted(entry["source"] for entry in state(unit)["unprocessed"])


def test_without_what_was_kept_from_before_when_it_is_full(forgotten: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Table()
    refused(before, 2, at=1_500)
    too_large(forgotten, monkeypatch)
    left = forgotten.left()
    forgotten.rows |= {key: row for key, row in before.rows.items() if key.startswith(UNPROCESSED)}
    forgotten.restart(RULES)
    forgotten.deliver(record(4, "created", "a", at=1_500))
    assert forgotten.left() == left
