"""The checker's own reading of times, amounts and texts, by the words of docs/order-state.md."""

import pytest

from tests.programs.checker.values import Number, identifier, instant, json_object, money, text


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        (" 2026-11-01T08:00:00.125Z ", "2026-11-01T08:00:00.125Z"),
        ("2026-11-01 08:00:00.10z", "2026-11-01T08:00:00.1Z"),
        ("2026-11-01T08:00:00.000", "2026-11-01T08:00:00Z"),
        ("2026-11-01T08:00:00.1234567899Z", "2026-11-01T08:00:00.123456789Z"),
        ("2026-11-01T23:30:00.5-01", "2026-11-02T00:30:00.5Z"),
        ("0001-01-01T00:00:00+00:01", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-11-01", None),
        (None, None),
    ],
)
def test_a_time_has_one_spelling(spelt: object, meant: str | None) -> None:
    assert instant(spelt) == meant


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("58", "58"),
        ("58.00", "58"),
        (Number("4.940"), "4.94"),
        (Number("5.8E+3"), "5800"),
        (Number("-0.50"), "-0.5"),
        (Number("-0.0"), "0"),
        ("-0", "0"),
        (Number("12345678901234567890.1234567890"), "12345678901234567890.123456789"),
        ("100", "100"),
        ("much", None),
        (True, None),
    ],
)
def test_an_amount_has_one_spelling(spelt: object, meant: str | None) -> None:
    assert money(spelt) == meant


def test_a_text_has_no_zero_character_and_an_id_keeps_it() -> None:
    assert (text("a\0b"), text("\0" + 200 * "x"), text("\0"), identifier("a\0")) == ("ab", 200 * "x", None, "a\0")
    assert json_object({"a\0": [{"b": "\0c"}], "a": 1}) == {"a": [{"b": "c"}]}
