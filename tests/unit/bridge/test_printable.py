import json

import pytest

from bridge.printable import inert, inert_json, listed, say, say_traceback
from tests.terminal import HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë 鞄 😀 [bold]", "Zoë 鞄 😀 [bold]"),
        ("\x1b[2J\x07\r\n\t", r"\x1b[2J\x07\r\n\t"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("\u202e\u2066\u2069\u200b\u200f\ufeff\u2028", r"\u202e\u2066\u2069\u200b\u200f\ufeff\u2028"),
        ("\ud800\U000e0001", r"\ud800\U000e0001"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_no_character_but_printable_ones_is_left() -> None:
    assert inert("".join(map(chr, range(0x11000)))).isprintable()


def test_of_many_items_some_are_listed_and_the_rest_is_counted() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more"
    assert listed(range(1_011), "; ").endswith("; 9; and 1,001 more")


@pytest.mark.parametrize("indent", [None, 2])
def test_json_says_the_same_and_does_nothing(indent: int | None) -> None:
    data = {HOSTILE: [HOSTILE, "\U000e0001", 1.5, None, {"a": "Zoë"}]}
    text = inert_json(data, indent=indent)
    assert json.loads(text) == data
    assert all(line.isprintable() for line in text.split("\n"))
    assert "Zoë" in text


def test_messages_and_tracebacks_are_inert(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    say_traceback(ValueError, ValueError(HOSTILE), None)
    said = capsys.readouterr().err
    assert all(line.isprintable() for line in said.split("\n"))
    assert said.splitlines()[0] == inert(HOSTILE)
    assert f"ValueError: {inert(HOSTILE[:10])}" in said
