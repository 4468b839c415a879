"""Paths into a payload, as the key table writes them: `id`, `a.b`, `transactions[].id`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from schemas.text import usable_id

_STEP: Final = r"[^.\[\]\s]+(?:\[\])?"
_PATH: Final = re.compile(rf"{_STEP}(?:\.{_STEP})*")


@dataclass(frozen=True, slots=True)
class KeyPath:
    """One key field; `transactions[].id` stands for the ids of all members of an array.

    `steps` are the fields to follow, each with whether it holds an array whose members are meant.
    """

    steps: tuple[tuple[str, bool], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raise ValueError if `text` is no path."""
        if not _PATH.fullmatch(text):
            raise ValueError(f"{text!r} is no path such as id, shipment.id or transactions[].id")
        return cls(tuple((step.removesuffix("[]"), step.endswith("[]")) for step in text.split(".")))

    def __str__(self) -> str:
        return ".".join(f"{name}[]" if is_array else name for name, is_array in self.steps)

    def parts(self, payload: Mapping[str, Any]) -> list[str] | None:
        """Return the field's parts of the key, those of an array sorted by code point.

        None if the field counts as absent: no usable id is there, an array is empty, or one member has none.
        """
        found: list[Any] = [payload]
        for name, is_array in self.steps:
            found = [member.get(name) if type(member) is dict else None for member in found]
            if is_array:
                found = _members(found)
        parts = [part for part in map(usable_id, found) if part is not None]
        return sorted(parts) if len(parts) == len(found) else None


def _members(arrays: list[Any]) -> list[Any]:
    """Return the members of all arrays; what is no array, or is empty, leaves one that is absent."""
    return [member for array in arrays for member in (array if type(array) is list and array else (None,))]
