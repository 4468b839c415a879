"""Events that the fold failed on: listed with their order, kept, and folded by the next version."""

import json
from typing import Any

import orjson
import pytest
from aiokafka.structs import ConsumerRecord
from structlog.testing import capture_logs

from processors.engine.errors import TableError, UnitFullError
from processors.orders import agent, second_try
from processors.orders.agent import Orders
from processors.orders.apply import apply
from processors.orders.fact import Fact, fact_of
from processors.orders.older_rows import NewerRowError
from processors.orders.table import TOTALS_KEY, OrderWriter, read_totals, row_key
from processors.quarantine import described
from schemas import headers as header
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    cleaned,
    of_a_later_version,
    without_arrival,
)
from tests.unit.processors.orders.units import MOST_BYTES, ODD_HEADERS, TOPICS, FakeUnit, with_header


def record(n: int, name: str, **payload: Any) -> ConsumerRecord:
    """The nth record of the orders topic."""
    body = {"tenant": TENANT, "name": name, "published_at": f"2024-05-01T10:00:{n:02d}Z", "payload": payload}
    value, headers = cleaned(json.dumps(body).encode(), received_at_ms=n, source=f"0:{n}")
    return ConsumerRecord(TOPICS.orders, 3, n, n, 0, b"k", value, None, 1, len(value), tuple(headers.items()))


CREATED, OPENED, SHIPPED = (
    record(n, f"order.{event}", id=ORDER_ID, items=[]) for n, event in enumerate(("created", "opened", "shipped"))
)
ERROR = KeyError("a field")


class Table:
    """Rows that outlive a process. ``process`` and ``refuse`` are units of an agent that was just started."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.orders = Orders(TOPICS, EVERYTHING)
        self.opening = 0

    def restarted(self) -> "Table":
        self.orders = Orders(TOPICS, EVERYTHING)
        return self

    def process(self, *records: ConsumerRecord, most: int = MOST_BYTES, room: int = 10 * MOST_BYTES) -> FakeUnit:
        unit = FakeUnit(list(records), self.rows, max_value_bytes=most, room=room, opening=self.opening)
        self.orders.process(unit)  # type: ignore[arg-type]  # takes the unit's place
        return unit

    def refuse(self, refused: ConsumerRecord) -> FakeUnit:
        unit = FakeUnit([refused], self.rows)
        self.orders.refuse(unit, ERROR)  # type: ignore[arg-type]  # as above
        return unit

    def row(self) -> bytes | None:
        return self.rows[row_key(ORDER_ID.encode())]

    def document(self) -> Any:
        """The row's document, without what depends on arrival."""
        return without_arrival(orjson.loads(apply(self.row(), [], EVERYTHING).state))

    def kept(self) -> list[bytes]:
        return [key for key, value in self.rows.items() if key.startswith(b"unprocessed/") and value is not None]


def test_where_a_later_version_wrote_the_row_nothing_is_put_aside() -> None:
    table = Table()
    table.process(CREATED)
    row = table.row()
    assert row is not None
    table.rows[row_key(ORDER_ID.encode())] = of_a_later_version(row)
    with pytest.raises(NewerRowError) as raised:
        table.process(OPENED)
    unit = FakeUnit([OPENED], table.rows)
    with pytest.raises(NewerRowError):
        table.orders.refuse(unit, raised.value)  # type: ignore[arg-type]  # as above
    assert (unit.emitted, unit.written) == ([], 0)


def test_it_is_quarantined_listed_and_kept() -> None:
    table = Table()
    table.process(CREATED)
    unit = table.refuse(OPENED)
    [quarantined, _] = unit.emitted
    assert (quarantined[0], quarantined[3]) == (TOPICS.quarantine, OPENED.value)
    headers = dict(quarantined[5])
    assert (headers[header.ERROR_REASON], headers[header.ERROR_STAGE]) == (b"handler_failed", b"orders")
    assert (headers[header.ERROR_TOPIC], headers[header.ERROR_OFFSET]) == (TOPICS.orders.encode(), b"1")
    assert headers[header.ERROR_EXCEPTION] == b"KeyError: 'a field'"
    [state] = unit.states()
    assert (state["version"], state["status"]) == (1, "created")
    assert state["unprocessed"] == [
        {"event": "order.opened", "key": ORDER_ID, "source": "0:1", "reason": "KeyError: 'a field'"}
    ]
    assert table.kept() == [b"unprocessed/0:1"]


def test_why_is_cut_and_has_no_zero_character_which_databases_refuse() -> None:
    """The reason may quote the event."""
    assert described(ValueError("\0" + "x\0" * 200)) == "ValueError: " + "x" * 188


@pytest.mark.parametrize(("name", "value"), ODD_HEADERS)
def test_so_is_one_with_a_header_that_is_no_text(name: str, value: bytes | None) -> None:
    """Otherwise the lane would halt on it, in every worker."""
    table = Table()
    table.refuse(with_header(CREATED, name, value))
    [state] = table.restarted().process(OPENED).states()[-1:]
    assert (state["unprocessed"], state["missing"]) == ([], [])


def test_an_order_may_begin_with_one() -> None:
    table = Table()
    table.process(record(8, "order.created", id="another"))
    [state] = table.refuse(OPENED).states()
    assert (state["version"], state["status"], state["first_received_at"]) == (0, "unknown", "1970-01-01T00:00:00.001Z")
    [state] = table.process(CREATED).states()
    assert (state["version"], state["status"], len(state["unprocessed"])) == (1, "created", 1)
    assert read_totals(table.rows[TOTALS_KEY])["status:created"] == 2


def test_the_next_process_folds_it_and_nothing_is_left_of_the_failure() -> None:
    undisturbed, table = Table(), Table()
    undisturbed.process(CREATED, SHIPPED, OPENED)
    table.process(CREATED)
    table.refuse(OPENED)
    table.process(SHIPPED)
    assert table.kept()
    with capture_logs() as lines:
        [state] = table.restarted().process(record(9, "order.created", id="another")).states()[1:]
    assert (state["version"], state["unprocessed"]) == (3, [])
    told = [(line["event"], line["order_id"], line["key"]) for line in lines]
    assert told == [("an event that could not be joined now is", ORDER_ID, ORDER_ID)]
    assert table.document() == undisturbed.document()
    assert table.kept() == []


def test_the_same_process_does_not_try_again() -> None:
    table = Table()
    table.process(CREATED)
    table.refuse(OPENED)
    assert [state["version"] for state in table.process(SHIPPED).states()] == [2]


def test_what_another_owner_of_the_partition_kept_is_tried_once_it_has_come_back() -> None:
    """The other worker may be of an older version, and this one may know better."""
    table = Table()
    table.process(CREATED)
    here = table.orders
    table.restarted().refuse(OPENED)
    table.orders, table.opening = here, 1
    table.process(SHIPPED)
    assert table.kept() == []


def test_one_that_fails_again_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.refuse(OPENED)

    def fail(*_: Any) -> None:
        raise ERROR

    monkeypatch.setattr(second_try, "fact_of", fail)
    with capture_logs() as lines:
        assert len(table.restarted().process(CREATED).states()) == 1
    assert table.kept() == [b"unprocessed/0:1"]
    assert [(line["event"], line["row"]) for line in lines] == [("an event still cannot be joined", b"unprocessed/0:1")]


def test_one_that_fails_again_holds_up_none_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    for n in (1, 2):
        table.refuse(record(n, "order.opened", id=f"order-{n}"))

    def failing(value: bytes, headers: dict[str, bytes]) -> Fact | None:
        if headers[header.SOURCE] == b"0:1":
            raise ERROR
        return fact_of(value, headers)

    monkeypatch.setattr(second_try, "fact_of", failing)
    table.restarted().process(record(9, "order.created", id="another"))
    assert table.kept() == [b"unprocessed/0:1"]


def test_an_order_may_begin_with_a_kept_one() -> None:
    """If the code failed on the order's row, no order lists the event."""
    table = Table()
    table.refuse(OPENED)
    table.rows[row_key(ORDER_ID.encode())] = None
    [_, state] = table.restarted().process(record(9, "order.created", id="another")).states()
    assert (state["order_id"], state["version"], table.kept()) == (ORDER_ID, 1, [])


@pytest.mark.parametrize("error", [TableError("a rotten block"), UnitFullError("no room"), MemoryError()])
def test_one_that_could_not_be_looked_at_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The error says nothing about the event, and the lane is opened anew."""
    table = Table()
    table.refuse(CREATED)
    table.restarted()

    def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as failing:
        failing.setattr(second_try, "within", fails)
        with pytest.raises(type(error)):
            table.process(OPENED)
    table.opening += 1
    assert table.process(OPENED).states()[-1]["unprocessed"] == []


def test_all_of_them_are_tried_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_try, "AT_ONCE", 2)
    table = Table()
    for n in range(5):
        table.refuse(record(n, "order.opened", id=f"order-{n}"))
    table.restarted()
    left = []
    for n in range(4):
        table.process(record(10 + n, "order.created", id=ORDER_ID))
        left.append(len(table.kept()))
    assert left == [3, 1, 0, 0]


def test_what_belongs_to_no_order_is_only_quarantined() -> None:
    """A blind return, and what somebody else wrote into the topic."""
    blind = record(1, "return.processed", id="return-1")
    foreign = ConsumerRecord(TOPICS.orders, 3, 2, 2, 0, None, b"{", None, 0, 1, ())
    for odd in (blind, foreign):
        table = Table()
        assert [emitted[0] for emitted in table.refuse(odd).emitted] == [TOPICS.quarantine]
        assert table.rows == {}


def test_an_order_whose_row_cannot_be_read_does_not_stop_the_others() -> None:
    table = Table()
    table.rows[row_key(ORDER_ID.encode())] = b"of an unknown shape"
    with pytest.raises(ValueError, match="Expected"):
        table.process(CREATED)
    with capture_logs() as lines:
        assert [emitted[0] for emitted in table.refuse(CREATED).emitted] == [TOPICS.quarantine]
    assert table.kept() == [b"unprocessed/0:0"]
    told = [(line["event"], line["order_id"]) for line in lines]
    assert told == [("an event cannot be listed with its order", ORDER_ID)]


@pytest.mark.parametrize("error", [TableError("a rotten block"), MemoryError()])
def test_one_that_cannot_be_listed_now_is_not_put_aside_unlisted(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Otherwise it would be committed, and its order would never know. So the lane reads it again."""

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(agent, "list_unprocessed", fails)
    with pytest.raises(type(error)):
        Table().refuse(CREATED)


def test_an_order_that_has_become_too_large_to_be_written_does_not_either(monkeypatch: pytest.MonkeyPatch) -> None:
    huge = record(1, "order.opened", id=ORDER_ID, items=[{"id": f"item {n}"} for n in range(1000)])
    table = Table()
    [state] = table.refuse(huge).states()
    assert len(state["unprocessed"]) == 1
    monkeypatch.setattr(OrderWriter, "holds", lambda *_: False)
    assert [emitted[0] for emitted in table.refuse(huge).emitted] == [TOPICS.quarantine]


def test_listing_it_twice_lists_it_once() -> None:
    table = Table()
    table.refuse(OPENED)
    [state] = table.refuse(OPENED).states()
    assert len(state["unprocessed"]) == 1
