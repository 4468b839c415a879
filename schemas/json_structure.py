"""How much structure a JSON text has: what a parser makes of it costs that much. Told without parsing."""

from typing import Final

_STRUCTURAL: Final = b"[]{}:,"  # RFC 8259, section 2
_ALWAYS: Final = 128 * 1024
_SHARE: Final = 4


def structure_of(text: bytes) -> int:
    """How many structural characters it has, those in strings included."""
    return len(text) - len(text.translate(None, _STRUCTURAL))


def too_much_structure(text: bytes) -> bool:
    """Whether it has more than 131,072 of them, and they are more than a quarter of its bytes."""
    return len(text) > _ALWAYS and structure_of(text) > max(_ALWAYS, len(text) // _SHARE)
