"""Counting levels without parsing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.json_structure import deeper_than

_STRINGS = st.text(alphabet='[]{}"\\ a', max_size=6)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _STRINGS, lambda values: st.lists(values, max_size=3) | st.dictionaries(_STRINGS, values, max_size=3), max_leaves=20
)


def levels_of(value: Any) -> int:
    if not isinstance(value, list | dict):
        return 0
    members = value.values() if isinstance(value, dict) else value
    return 1 + max(map(levels_of, members), default=0)


@given(_VALUES)
@settings(max_examples=100, deadline=None)
def test_the_levels_are_those_of_the_parsed_value(value: Any) -> None:
    text = json.dumps(value).encode()
    levels = levels_of(value)
    assert not deeper_than(levels, text)
    assert levels == 0 or deeper_than(levels - 1, text)


@pytest.mark.parametrize("text", [b"[[[", b"[[[]", b'[[["', b'[[["\\', b"[[[]]]]]]]"])
def test_a_text_that_is_cut_off_or_unbalanced_counts_as_far_as_it_opens(text: bytes) -> None:
    assert deeper_than(2, text)
    assert not deeper_than(3, text)


def test_what_was_closed_before_counts_no_more() -> None:
    assert not deeper_than(1, b"[]" * 10)
