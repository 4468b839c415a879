"""Amounts keep every digit, in one normal form."""

import pytest

from processors.orders.values import money, quantity
from schemas.exact_json import parse


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (b"58", "58"),
        (b"58.0", "58"),
        (b"58.00", "58"),
        (b"4.94", "4.94"),
        (b"4.940", "4.94"),
        (b"0.1", "0.1"),
        (b"0", "0"),
        (b"-0", "0"),
        (b"-0.0", "0"),
        (b"-12.5", "-12.5"),
        (b"1000", "1000"),
        (b"1e2", "100"),
        (b"1.5E-3", "0.0015"),
        (b"0.30000000000000004", "0.30000000000000004"),
        (b"12345678901234567890.12345678901234567890", "12345678901234567890.1234567890123456789"),
        (b'"62.94"', "62.94"),
        (b'" 007.10 "', "7.1"),
    ],
)
def test_an_amount_has_one_normal_form_however_it_is_written(written: bytes, normal: str) -> None:
    assert money(parse(written).value) == normal


@pytest.mark.parametrize(
    "written", [b"null", b"true", b"[1]", b"{}", b'""', b'"1,5"', b'"1_000"', b"NaN", b"-Infinity", b"1e999999999"]
)
def test_what_is_no_amount_is_none(written: bytes) -> None:
    assert money(parse(written).value) is None


@pytest.mark.parametrize(
    ("written", "pieces"), [(b"1", 1), (b"0", 0), (b"2.0", 2), (b"2.00", 2), (b'"3"', 3), (b"1e2", 100)]
)
def test_a_quantity_is_a_whole_number_however_it_is_written(written: bytes, pieces: int) -> None:
    assert quantity(parse(written).value) == pieces


@pytest.mark.parametrize("written", [b"-1", b"1.5", b"true", b"null", b'"two"', b"10000000000", b"1e40", b"[]"])
def test_what_is_no_quantity_is_none(written: bytes) -> None:
    assert quantity(parse(written).value) is None
