"""What is read of a payload's values at the limits of what is accepted."""

import pytest
from msgspec import Raw

from processors.orders.values import (
    currency,
    flag,
    json_object,
    json_objects,
    text,
    unsigned_quantity,
    whole_number,
)

LONG = "x" * 200


@pytest.mark.parametrize("most", [9, 10**9 - 1, 2**63 - 1])
def test_a_whole_number_is_no_greater_than_it_may_be(most: int) -> None:
    for written in (most, str(most), f"{most}.0"):
        assert whole_number(written, most) == most
    beyond: list[object] = [most + 1, str(most + 1), f"{most + 1}.0", -1, "-1", 0.5]
    assert {whole_number(written, most) for written in beyond} == {None}


def test_where_nobody_says_how_great_it_may_be_it_has_63_bits() -> None:
    assert (whole_number(2**63 - 1), whole_number(2**63)) == (2**63 - 1, None)


@pytest.mark.parametrize(
    ("written", "read"), [(LONG, LONG), (LONG + "y", LONG), ("\u00fc" * 201, "\u00fc" * 200), ("", None), (None, None)]
)
def test_a_text_is_cut_at_two_hundred_characters(written: str | None, read: str | None) -> None:
    assert text(written) == read


@pytest.mark.parametrize(
    ("written", "read"), [("a\0b\0", "ab"), ("\0\0" + LONG, LONG), ("\0", None), ("\u00fc\0", "\u00fc")]
)
def test_a_text_has_no_zero_character_which_databases_refuse(written: str, read: str | None) -> None:
    assert text(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("EUR", "EUR"), ("usd", "USD"), ("USD ", "USD"), ("\0eur", "EUR"), (978, "978"), ([], None)),
        *(("", None), (" ", None), (" " * 200 + "EUR", None), ("\u00df" * 200, "S" * 200)),
    ],
)
def test_a_currency_is_written_in_one_way(written: object, read: str | None) -> None:
    assert currency(written) == read


@pytest.mark.parametrize(("written", "read"), [(True, True), ("true", True), (" False", False), ("TRUE", True)])
def test_a_boolean_may_be_spelt_as_text(written: object, read: bool) -> None:
    assert flag(written) is read


@pytest.mark.parametrize("written", [None, "", "yes", "1", 1, 0, [], {}])
def test_nothing_else_is_a_boolean(written: object) -> None:
    assert flag(written) is None


@pytest.mark.parametrize(
    ("written", "read"), [(0, 0), (3, 3), (-3, 3), ("-3", 3), (-1.5, None), (-(10**9), None), (None, None)]
)
def test_pieces_that_come_back_have_no_sign(written: object, read: int | None) -> None:
    assert unsigned_quantity(written) == read


def test_nor_has_an_object_as_it_is() -> None:
    """A backslash before `u0000` is another text."""
    written = {"a\0": ["\0\0b", r"\u0000", "\\\0", {"c": "\0"}], "d": 1}
    assert json_object(written) == rb'{"a":["b","\\u0000","\\",{"c":""}],"d":1}'


@pytest.mark.parametrize(
    "refused",
    [
        *("NaN", "-Infinity", r'"\ud800"', r'{"\udfff":1}', "1e400"),
        *("9" * 1_001, "0." + "3" * 999, "1e-9999999999", "0E+1000"),  # Jackson, and BigDecimal
        *("9" * 1_000 + "e-999", "0." + "3" * 998 + "e-99"),  # Jackson counts the exponent's digits, too
        *('{"%s":1}' % ("k" * 50_001), r'{"%s\"":1}' % ("k" * 50_000)),  # Jackson
        *("[" * 60 + "]" * 60, '{"c":' * 60 + "1" + "}" * 60),  # System.Text.Json: 64 with the document's
    ],
)
def test_an_object_that_a_common_reader_refuses_is_nothing(refused: str) -> None:
    """Such a reader would refuse the whole document."""
    written = f'{{"a":{refused},"b":1}}'.encode()
    assert json_object(Raw(written)) is None
    assert json_objects(Raw(b"[" + written + b"]")) is None


@pytest.mark.parametrize(
    "taken",
    [
        *("9" * 300, "0." + "3" * 998, "1e-999", "1e308", "-0", '"%s"' % ("9" * 1_001), '"1e-9999999999"'),
        *('{"%s":1}' % ("k" * 50_000), '"%s"' % ("k" * 50_001), '"%s"' % ("[" * 100)),
        *("[" * 59 + "]" * 59, '{"c":' * 59 + "1" + "}" * 59),
        '["",%s":"]' % ("1.0," * 20_000),  # what stands between two texts is no name
    ],
)
def test_any_other_object_is_passed_on(taken: str) -> None:
    written = f'{{"a":{taken},"b":1}}'.encode()
    assert json_object(Raw(written)) == written


@pytest.mark.parametrize("text", [r"\"" * 100_000, '","'.join(["1" * 1_000] * 1_000)])
def test_long_texts_are_passed_on_at_once(text: str) -> None:
    """A text may hold JSON in turn, all its quotes escaped. Looked at anew from each, it takes hours, and the limit for
    a test ends it."""
    written = f'{{"a":["{text}"],"b":1.0}}'.encode()
    assert json_object(Raw(written)) == json_object(Raw(written.replace(b"1.0}", b"1.00}"))) == written


@pytest.mark.parametrize("levels", [1, 59])
def test_two_names_that_become_one_without_it_are_one_however_deep(levels: int) -> None:
    """Readers that refuse equal names, or keep the first, would have read something else."""
    written: object = {"a\0": 2, "b": 0.1, "a": 1, "\0b": 3}
    for _ in range(levels):
        written = {"c": written}
    assert json_object(written) == b'{"c":' * levels + b'{"a":2,"b":0.1}' + b"}" * levels
