"""Instants: a moment has one spelling, and spellings sort as time does."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import date_time
from schemas.instant import ABSENT, instant_of, is_time, rfc3339_millis, sort_key

_OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=_OFFSETS)  # noqa: DTZ001 - bounds are naive


@given(_MOMENTS, st.sampled_from("T t"))
@settings(max_examples=200, deadline=None)
def test_an_instant_is_the_moment_in_utc(moment: datetime, separator: str) -> None:
    instant = instant_of(moment.isoformat(separator))
    assert datetime.fromisoformat(instant) == moment
    assert instant.endswith("Z")
    assert not instant.endswith("0Z") or "." not in instant


@given(_MOMENTS, _MOMENTS)
@settings(max_examples=100, deadline=None)
def test_sort_keys_sort_as_time_does(first: datetime, second: datetime) -> None:
    keys = [sort_key(instant_of(moment.isoformat())) for moment in (first, second)]
    assert (keys[0] < keys[1]) == (first < second)


def test_a_fraction_sorts_after_the_whole_second() -> None:
    """As plain text `09.5Z` would come before `09Z`."""
    assert sort_key("2020-12-01T18:41:09Z") < sort_key("2020-12-01T18:41:09.5Z") < sort_key("2020-12-01T18:41:10Z")


@pytest.mark.parametrize("text", ["2024-01-31T24:00:00Z", "2024-01-31 24:00:00+01:00"])
def test_an_hour_that_only_some_pythons_take_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Python 3.14's `fromisoformat` takes midnight at a day's end: keys would change with the interpreter."""

    class Later(datetime):
        @classmethod
        def fromisoformat(cls, text: str) -> "Later":
            return super().fromisoformat(text.replace("T24:", "T00:")) + timedelta(days="T24:" in text)

    assert not is_time(instant_of(text))
    monkeypatch.setattr(date_time, "datetime", Later)
    assert not is_time(instant_of(text))


def test_what_has_no_time_sorts_first() -> None:
    instant = instant_of(ABSENT)
    assert not is_time(instant)
    assert sort_key(instant) < sort_key("0001-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("epoch_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_606_848_069_007, "2020-12-01T18:41:09.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_milliseconds_are_written_with_three_digits(epoch_ms: int, text: str) -> None:
    assert rfc3339_millis(epoch_ms) == text
    assert datetime.fromisoformat(text) == datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=epoch_ms)


def test_a_time_of_no_year_is_written_as_the_nearest_one() -> None:
    assert rfc3339_millis(-(10**14)) == "0001-01-01T00:00:00.000Z"
    assert rfc3339_millis(10**15) == rfc3339_millis(253_402_300_799_999) == "9999-12-31T23:59:59.999Z"
