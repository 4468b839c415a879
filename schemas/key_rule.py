"""The rule that makes the key of one event name, and how a table's entry writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Self

import orjson

from schemas.text import usable_id

CANONICALISATION: Final = "1"
"""Raise it with every change to how key strings, payload hashes or record keys are made."""

_FIELDS: Final = frozenset({"key", "content", "documented"})
SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Half of a character, which YAML can contain."""
_STEP: Final = r"[^.\[\]\s\ud800-\udfff]+(?:\[\])?"
_PATH: Final = re.compile(rf"{_STEP}(?:\.{_STEP})*")


class InvalidKeyTable(ValueError):  # noqa: N818  # says what the input is
    """The table cannot be used; the message names the file, the entry and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class KeyPath:
    """A key field, as the table writes it: `id`, `a.b`, or `transactions[].id` for the ids of all members of an array.

    `steps` are the fields to follow. Each says whether its field is an array whose members are meant.
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
        """Return the parts that the field adds to the key; those of an array are sorted by code point.

        None if the field counts as absent: it has no usable id, an array is empty, or a member has no usable id.
        """
        found: list[Any] = [payload]
        for name, is_array in self.steps:
            found = [member.get(name) if type(member) is dict else None for member in found]
            if is_array:
                found = _members(found)
        parts = [part for part in map(usable_id, found) if part is not None]
        return sorted(parts) if len(parts) == len(found) else None


@dataclass(frozen=True, slots=True)
class KeyRule:
    """How the key of one event name is made.

    `paths` are the key fields in order; `content` adds payload hash and instant; `documented` says that
    NewStore documents this key, so conflicts under it are held back.
    """

    paths: tuple[KeyPath, ...]
    content: bool
    documented: bool

    def __str__(self) -> str:
        """Write the rule as the table's file does."""
        key = ", ".join(text if text.replace(".", "_").isidentifier() else f'"{text}"' for text in map(str, self.paths))
        return f"{{key: [{key}], content: {_yaml(self.content)}, documented: {_yaml(self.documented)}}}"

    def parts(self, payload: Mapping[str, Any], content_key: list[str]) -> list[str]:
        """Return the parts of an event's key; only the content key if one of the fields is absent."""
        parts: list[str] = []
        for path in self.paths:
            found = path.parts(payload)
            if found is None:
                return content_key
            parts += found
        return parts + content_key if self.content else parts

    @property
    def entry(self) -> dict[str, Any]:
        """The table's entry from which `rule_of` makes this rule."""
        return {"key": [str(path) for path in self.paths], "content": self.content, "documented": self.documented}

    @property
    def version(self) -> str:
        """A short text. Rules with the same version make the same keys and hashes."""
        return version_of([*self.entry.values()])


CONTENT_KEY: Final = KeyRule(paths=(), content=True, documented=False)
"""The rule of every event name that has no other. A table may list such a name or not."""


def version_of(rules: Any) -> str:
    """Return the canonicalisation and a hash of `rules`, which is JSON data."""
    text = orjson.dumps(rules, option=orjson.OPT_SORT_KEYS)
    return f"{CANONICALISATION}-{blake2b(text, digest_size=6).hexdigest()}"


def rule_of(name: str, entry: Any) -> KeyRule:
    """Return the rule of a table's entry. InvalidKeyTable: the entry is no rule."""
    if not isinstance(entry, dict) or entry.keys() != _FIELDS:
        raise InvalidKeyTable(f"{name}: a rule must have exactly the fields key, content and documented")
    rule = KeyRule(
        paths=_paths(name, entry["key"]),
        content=_flag(name, "content", entry["content"]),
        documented=_flag(name, "documented", entry["documented"]),
    )
    if not rule.paths and not rule.content:
        raise InvalidKeyTable(f"{name}: without key fields, content must be true, else all events were one")
    return rule


def _paths(name: str, paths: Any) -> tuple[KeyPath, ...]:
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise InvalidKeyTable(f"{name}: key must be a list of paths")
    if len(set(paths)) != len(paths):
        raise InvalidKeyTable(f"{name}: key names a path twice")
    try:
        return tuple(map(KeyPath.parse, paths))
    except ValueError as error:
        raise InvalidKeyTable(f"{name}: {error}") from error


def _flag(name: str, field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidKeyTable(f"{name}: {field} must be true or false")
    return value


def _yaml(value: bool) -> str:
    return "true" if value else "false"


def _members(arrays: list[Any]) -> list[Any]:
    """Return the members of all arrays. None stands for an empty array, and for a value that is no array."""
    return [member for array in arrays for member in (array if type(array) is list and array else (None,))]
