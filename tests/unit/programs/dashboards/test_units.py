"""Numbers as Grafana writes them."""

import math

import pytest

from tests.programs.dashboards.units import written


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "short", "0"),
        (12.0, "short", "12"),
        (999.0, "short", "999"),
        (1000.0, "short", "1 K"),
        (12_345.0, "short", "12.3 K"),
        (2_500_000.0, "short", "2.5 Mil"),
        (0.0123, "short", "0.0123"),
        (-1500.0, "short", "-1.5 K"),
        (41.26, "eps", "41.3 evt/s"),
        (0.5, "reqps", "0.5 req/s"),
        (1234.0, "ops", "1.23K ops/s"),
        (0.0, "s", "0 s"),
        (0.0042, "s", "4.2 ms"),
        (0.00017, "s", "170 µs"),
        (2.5, "s", "2.5 s"),
        (60.0, "s", "1 min"),
        (5400.0, "s", "1.5 hours"),
        (86_400.0 * 10, "s", "1.43 weeks"),
        (-120.0, "s", "-2 mins"),
        (0.0144, "percentunit", "1.44%"),
        (1.0, "percentunit", "100%"),
        (0.0, "bytes", "0 B"),
        (1024.0, "bytes", "1 KiB"),
        (300.0 * 2**20, "bytes", "300 MiB"),
        (3.0, "none", "3"),
        (1500.0, "locale", "1,500"),
        (0.25, "suffix:cores", "0.25 cores"),
    ],
)
def test_a_number_in_its_unit(value: float, unit: str, text: str) -> None:
    assert written(value, unit) == text


def test_decimals_that_a_panel_fixes() -> None:
    assert written(2.0, "short", 0) == "2"
    assert written(2.4, "short", 0) == "2"
    assert written(1.0, "s", 2) == "1.00 s"


def test_what_is_no_number_is_said() -> None:
    assert written(math.inf, "s") == "inf"


def test_a_unit_that_nobody_has_looked_up_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        written(1.0, "furlongs")
