"""How much structure a JSON text has, and how deep it nests. Both decide what parsing costs. They are found without
parsing, without recursion and in linear time."""

import re
from array import array
from itertools import accumulate
from typing import Final

_STRUCTURAL: Final = b"[]{}:,"  # RFC 8259, section 2
_ALWAYS: Final = 128 * 1024
_SHARE: Final = 4


def structure_of(text: bytes) -> int:
    """Return the number of structural characters, including those in strings."""
    return len(text) - len(text.translate(None, _STRUCTURAL))


def too_much_structure(text: bytes) -> bool:
    """Say whether more than 131,072 bytes, and more than a quarter of all, are structural characters."""
    return len(text) > _ALWAYS and structure_of(text) > max(_ALWAYS, len(text) // _SHARE)


MAX_LEVELS: Final = 500
"""A body with more levels is no valid envelope. Nothing known sends one, and recursive readers must not get one."""

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # +1 and -1 as signed bytes


def deeper_than(levels: int, text: bytes) -> bool:
    """Say whether arrays and objects of `text` nest deeper than `levels`, not counting brackets in strings.

    False holds for a text that is no JSON, too: up to the first error, where a parser stops, it nests no deeper.
    """
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    brackets = _STRING.sub(b"", text).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(array("b", brackets)), default=0) > levels
