"""The checker's own reading of times, amounts and texts, by the words of docs/order-state.md."""

import json

import pytest

from tests.programs.checker.values import (
    Number,
    identifier,
    instant,
    json_object,
    json_objects,
    money,
    objects,
    text,
)


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


def read(written: str) -> object:
    return json.loads(written, parse_int=Number, parse_float=Number)


@pytest.mark.parametrize(
    "refused",
    [
        *("NaN", "-Infinity", r'"\ud800"', r'{"\udfff":1}', "1e400", "0e-1000", "9" * 1_001, "0." + "3" * 998 + "e-99"),
        *('{"%s":1}' % ("k" * 50_001), r'{"%s\"":1}' % ("k" * 49_999), "[" * 60 + "]" * 60),
    ],
)
def test_an_object_that_parsers_refuse_is_nothing(refused: str) -> None:
    said = read(f'{{"a":{refused}}}')
    assert (json_object(said), json_objects([{}, said])) == (None, None)
    assert objects([said, 1]) == [said]


@pytest.mark.parametrize(
    "taken", ["9" * 300, "0." + "3" * 998, "1e-999", '{"%s":""}' % ("k" * 50_000), "[" * 59 + "]" * 59]
)
def test_within_the_bounds_it_is_taken(taken: str) -> None:
    assert json_object(read(f'{{"a":{taken}}}')) is not None
