"""How long remaining records stay, and how the plan is shown."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commands.erase.orders import KeptOrder
from commands.erase.plan import ErasePlan, keeps_ms
from commands.erase.reading import Place
from commands.erase.view import document, done, show
from commands.terminal.output import InertConsole

DAY = 86_400_000
END = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000 + DAY
RECEIVED = int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("config", "days"),
    [
        ({"retention.ms": str(30 * DAY), "segment.ms": str(DAY)}, 31),
        ({"retention.ms": str(30 * DAY)}, 37),
        ({"retention.ms": "-1", "segment.ms": str(DAY)}, None),
        ({}, None),
    ],
)
def test_a_record_is_there_until_its_whole_segment_may_go(config: dict[str, str], days: int | None) -> None:
    assert keeps_ms(config) == (None if days is None else days * DAY)


@pytest.mark.parametrize("keeps", [(1 << 63) - 1, END - RECEIVED, None])
def test_beyond_what_a_calendar_has_is_never(keeps: int | None) -> None:
    """Kafka takes any retention of 64 bits."""
    place = Place("raw", 0, 0, RECEIVED)
    assert ErasePlan([], {}, {"raw": keeps}).gone_by(place) is None


def plan() -> ErasePlan:
    raw = [Place("raw", 0, offset, RECEIVED + offset * DAY) for offset in range(12)]
    orders = [KeptOrder("o-1", 12, 4_000), KeptOrder("\x1b[2Jo-2")]
    places = {"raw": [*raw, Place("raw", 1, 7, RECEIVED)], "orders": [Place("orders", 0, 3, RECEIVED)], "none": []}
    return ErasePlan(orders, places, {"raw": 400 * DAY, "orders": None, "none": 1})


def test_programs_get_every_record_with_its_day() -> None:
    said = document(plan())
    assert [(each["order_id"], each["kept"], each["events"]) for each in said["orders"]] == [
        ("o-1", True, 12),
        ("\x1b[2Jo-2", False, 0),
    ]
    assert len(said["records"]) == 14
    assert said["records"][0] == {
        "topic": "raw",
        "partition": 0,
        "offset": 0,
        "received_at": "2026-01-01T12:00:00.000Z",
        "gone_by": "2027-02-05",
    }
    assert said["records"][-1]["gone_by"] is None
    assert said["pending"] == 0
    assert document(replace(plan(), pending=5))["pending"] == 5


def test_people_get_a_line_for_each_partition_with_the_day_of_its_last_record() -> None:
    shown = io.StringIO()
    show(InertConsole(width=200, file=shown), plan())
    lines = [line.split() for line in shown.getvalue().splitlines()]
    assert "\x1b" not in shown.getvalue()
    [of_raw] = [line for line in lines if line[:2] == ["raw", "0"]]
    assert " ".join(of_raw) == "raw 0 12 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more 2027-02-16"
    assert [line[-1] for line in lines if line[:1] == ["orders"]] == ["never"]
    assert "nothing is kept of it" in shown.getvalue()


def test_in_the_end_it_is_said_of_how_many_orders_nothing_was_kept() -> None:
    """Else an order that is there is believed erased after its id was typed in other letters."""
    assert done(plan()).startswith("Done: 2 erased; of 1 of them nothing was kept. An id counts letter by letter.")
    assert done(replace(plan(), orders=[KeptOrder("o-1", 12, 4_000)])).startswith("Done: 1 erased. What consumers")
