"""Short texts and their percent encoding."""

from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.exact_json import Number
from schemas.text import is_short_text, percent_encode


@given(st.text(st.characters(codec="utf-8"), max_size=20))
@settings(max_examples=100, deadline=None)
def test_percent_encoding_is_that_of_rfc_3986(text: str) -> None:
    assert percent_encode(text) == quote(text, safe="")
    assert unquote(percent_encode(text), errors="strict") == text


@pytest.mark.parametrize("text", ["a", " ", "x" * 200, "\U0001f600" * 200, "\0"])
def test_one_to_two_hundred_characters_are_short(text: str) -> None:
    assert is_short_text(text)


@pytest.mark.parametrize("value", ["", "x" * 201, "a\ud800", None, 1, True, b"a", [], Number("5")])
def test_everything_else_is_not(value: Any) -> None:
    assert not is_short_text(value)
