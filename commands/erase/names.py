"""Which bodies name somebody. They are searched as text: what lies in quarantine need not be JSON, and what a body says
in places that nobody knows counts, too."""

import re
from collections.abc import Iterable
from typing import Final

_ESCAPES: Final = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)", re.DOTALL)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_QUOTE: Final = "\uffff"
"""Stands for a quotation mark within a string: it is no character."""
_NUMBERED: Final = re.compile(r'id"\s*:\s*(-?\d[-+.\de]*)')
"""A number where it is an id (`id`, `customer_id`); elsewhere it may be anything."""


def folded(text: str) -> str:
    """Return what two spellings of an address have in common: neither case nor blanks beside it count."""
    return text.strip().casefold()


class Names:
    """These ids and addresses; any number of them is found in the same time."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {folded(text).replace('"', _QUOTE) for text in texts} - {""}

    def are_in(self, body: bytes | None) -> bool:
        """Whether a body has one of them: as a whole string of its JSON, in whatever case, with blanks beside it,
        however it is escaped; or as the number that an id is."""
        if not (body and self._texts):
            return False
        text = body.decode(errors="replace")
        if "\\" in text:
            text = _ESCAPES.sub(_unescaped, text)
        text = text.casefold()
        # Whatever lies between two quotation marks: in no JSON nobody can tell which of them begin a string.
        strings, numbers = map(str.strip, text.split('"')[1:-1]), _NUMBERED.findall(text)
        return not (self._texts.isdisjoint(strings) and self._texts.isdisjoint(numbers))


def _unescaped(escape: re.Match[str]) -> str:
    units, short = escape.groups()
    if units is None:
        text = _SHORT.get(short, short)
    else:
        text = bytes.fromhex(units.replace("\\u", "")).decode("utf-16-be", "replace")
    return text.replace('"', _QUOTE)
