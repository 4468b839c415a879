"""How the key of one event name is made, and how a table's entry says so."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import orjson

from schemas.key_path import KeyPath

CANONICALISATION: Final = "1"
"""Raised by every change of what a key string, a payload hash or a record key is made of."""

_FIELDS: Final = frozenset({"key", "content", "documented"})


class InvalidKeyTable(ValueError):  # noqa: N818  # says what the input is
    """The table cannot be used; the message names the file, the entry and what is wrong with it."""


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
        """As the table's file has it."""
        key = ", ".join(text if text.replace(".", "_").isidentifier() else f'"{text}"' for text in map(str, self.paths))
        return f"{{key: [{key}], content: {_yaml(self.content)}, documented: {_yaml(self.documented)}}}"

    @property
    def entry(self) -> dict[str, Any]:
        """What `rule_of` makes this rule of."""
        return {"key": [str(path) for path in self.paths], "content": self.content, "documented": self.documented}

    @property
    def version(self) -> str:
        """A short text that is the same for rules by which the same keys and hashes are made."""
        return version_of([*self.entry.values()])


CONTENT_KEY: Final = KeyRule(paths=(), content=True, documented=False)
"""The rule of every event name that has no other: a table may list it or not."""


def version_of(rules: Any) -> str:
    """The canonicalisation and a hash of `rules`, which is JSON."""
    text = orjson.dumps(rules, option=orjson.OPT_SORT_KEYS)
    return f"{CANONICALISATION}-{blake2b(text, digest_size=6).hexdigest()}"


def rule_of(name: str, entry: Any) -> KeyRule:
    """Return the rule that an entry of a table stands for. InvalidKeyTable: it stands for none."""
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
