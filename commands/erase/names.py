"""Tells which bodies name a person. Bodies are searched as text: quarantined ones need not be JSON, and unknown fields
count, too."""

import re
from collections.abc import Iterable
from typing import Final

_ESCAPES: Final = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)", re.DOTALL)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_QUOTE: Final = "\uffff"
"""Stands for an escaped quotation mark; no text has this character."""
_NUMBERED: Final = re.compile(r'id"\s*:\s*(-?\d[-+.\de]*)')
"""A number as an id (`id`, `customer_id`); elsewhere it may be anything."""


def folded(text: str) -> str:
    """A spelling without case and outer blanks, in which addresses are compared."""
    return text.strip().casefold()


class Names:
    """A search for ids and addresses, equally fast for any number of them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {folded(text).replace('"', _QUOTE) for text in texts} - {""}

    def are_in(self, body: bytes | None) -> bool:
        """Whether a body has one of them: as a whole JSON string, ignoring case, outer blanks and escapes, or as a
        numeric id."""
        if not (body and self._texts):
            return False
        text = body.decode(errors="replace")
        if "\\" in text:
            text = _ESCAPES.sub(_unescaped, text)
        text = text.casefold()
        # All texts between two quotation marks: outside JSON, nobody can tell which mark begins a string.
        strings, numbers = map(str.strip, text.split('"')[1:-1]), _NUMBERED.findall(text)
        return not (self._texts.isdisjoint(strings) and self._texts.isdisjoint(numbers))


def _unescaped(escape: re.Match[str]) -> str:
    units, short = escape.groups()
    if units is None:
        text = _SHORT.get(short, short)
    else:
        text = bytes.fromhex(units.replace("\\u", "")).decode("utf-16-be", "replace")
    return text.replace('"', _QUOTE)
