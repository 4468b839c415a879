"""Text from outside, as a line that does nothing to a terminal or a log."""

from typing import Final

MOST_CHARACTERS: Final = 60


def printable(text: str) -> str:
    """In quotes; what is not printable is escaped, and what is longer than `MOST_CHARACTERS` is cut."""
    cut = text[:MOST_CHARACTERS]
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut)
    return f'"{shown}"' if cut == text else f'"{shown}…"'
