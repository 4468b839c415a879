"""How deep a JSON text nests, found without recursion and in linear time."""

import re
from array import array
from itertools import accumulate
from typing import Final

MAX_LEVELS: Final = 500
"""A body with more is no valid envelope: nothing known sends one, and recursive readers must not meet it."""

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # +1 and -1 as signed bytes


def deeper_than(levels: int, text: bytes) -> bool:
    """Say whether arrays and objects of `text` nest deeper than `levels`, brackets in strings aside.

    Of a text that is no JSON this holds for its longest part, from the start, that could begin one.
    """
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    brackets = _STRING.sub(b"", text).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(array("b", brackets)), default=0) > levels
