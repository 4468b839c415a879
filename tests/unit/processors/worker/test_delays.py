"""How late events come, from a few records of each transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from processors.worker.delays import MOST, delays
from schemas import headers as header


@dataclass
class Record:
    headers: Sequence[tuple[str, bytes]]


def record(published: bytes | None, received: bytes | None) -> Record:
    said = [(header.CE_TIME, published), (header.RECEIVED_AT, received)]
    return Record([(name, value) for name, value in said if value is not None])


def test_from_publishing_to_receipt() -> None:
    found = delays([record(b"2026-01-01T00:00:00.5Z", b"2026-01-01T00:00:02.000Z")])
    assert list(found) == [1.5]


def test_nine_digits_are_a_time() -> None:
    found = delays([record(b"2026-01-01T00:00:00.123456789Z", b"2026-01-01T00:00:02.000Z")])
    assert list(found) == [pytest.approx(1.876544)]


def test_a_clock_that_is_behind_makes_no_delay_less_than_0() -> None:
    assert list(delays([record(b"2026-01-01T00:00:09Z", b"2026-01-01T00:00:02.000Z")])) == [0]


@pytest.mark.parametrize("text", [None, b"", b"now", b"\xff", b"2026-01-01T00:00:00"])
def test_what_cannot_be_read_is_left_out(text: bytes | None) -> None:
    assert list(delays([record(text, b"2026-01-01T00:00:02Z"), record(b"2026-01-01T00:00:02Z", text)])) == []


@pytest.mark.parametrize("count", [0, 1, MOST, MOST + 1, 17, 5000])
def test_only_a_few_are_looked_at(count: int) -> None:
    one = record(b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:02Z")
    found = list(delays([one] * count))
    assert min(1, count) <= len(found) <= MOST
