"""An outage of Kafka takes a few lines of the log, whatever is delivered meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from ingress.causes import DeliveryCause
from ingress.outage import OVER_S, TELL_EVERY_S, Outage

BEGAN = 5_000.0
SINCE = "2023-11-14T22:13:20Z"


def new() -> Outage:
    return Outage(lambda: datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC))


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """The lines that are logged."""
    with capture_logs() as captured:
        yield captured


def test_a_delivery_that_is_stored_is_no_line(lines: list[Any]) -> None:
    new().stored(BEGAN)
    assert lines == []


def test_the_first_refusal_is_told_with_its_reason_and_a_minute_of_them_in_one_sum(lines: list[Any]) -> None:
    outage = new()
    for number in range(312):
        outage.refused(DeliveryCause.NO_CONNECTION, "nobody there", BEGAN + number * TELL_EVERY_S / 311)
    assert [(line["log_level"], line["reason"]) for line in lines] == [("warning", "nobody there")] * 2
    assert lines[1]["event"] == f"deliveries are not stored since {SINCE}: 312 answered 500"
    assert lines[1][DeliveryCause.NO_CONNECTION] == 312


def test_when_deliveries_are_stored_again_it_is_told_what_the_outage_has_cost(lines: list[Any]) -> None:
    outage = new()
    outage.refused(DeliveryCause.STANDING_STILL, "why", BEGAN)
    outage.refused(DeliveryCause.KAFKA_ERROR, "why", BEGAN + 1)
    outage.stored(BEGAN + 1 + OVER_S)
    assert lines[-1]["log_level"] == "info"
    assert lines[-1]["event"] == f"deliveries are stored again; since {SINCE} 2 answered 500"
    outage.stored(BEGAN + 2 + OVER_S)
    assert len(lines) == 2


def test_no_line_blames_kafka_where_it_is_the_rules_that_could_not_be_read(lines: list[Any]) -> None:
    outage = new()
    for second in (0, TELL_EVERY_S):
        outage.refused(DeliveryCause.RULES_UNREAD, "the recorded rules could not be read for 15 s", BEGAN + second)
    outage.stored(BEGAN + TELL_EVERY_S + OVER_S)
    assert [line["log_level"] for line in lines] == ["warning", "warning", "info"]
    assert "Kafka" not in str(lines)


def test_while_some_partitions_are_refused_the_others_end_nothing(lines: list[Any]) -> None:
    outage = new()
    for second in range(30):
        outage.refused(DeliveryCause.STANDING_STILL, "why", BEGAN + second)
        outage.stored(BEGAN + second + 0.5)
    assert len(lines) == 1


def test_the_next_outage_is_counted_by_itself(lines: list[Any]) -> None:
    outage = new()
    for beginning in (BEGAN, BEGAN + 3600):
        outage.refused(DeliveryCause.NO_CONNECTION, "why", beginning)
        outage.stored(beginning + OVER_S)
    assert [line["event"].rpartition("Z ")[2] for line in lines[1::2]] == ["1 answered 500"] * 2
