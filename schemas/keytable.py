"""The idempotency key table: which fields of an event make two deliveries the same event."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Self

import orjson
import yaml

from schemas.events import EVENT_NAMES
from schemas.key_path import KeyPath
from schemas.strict_yaml import load_yaml

__all__ = ["EVENT_NAMES", "InvalidKeyTable", "KeyRule", "KeyTable"]

CANONICALISATION: Final = "1"
"""Raised by every change of what a key string, a payload hash or a record key is made of."""

_SHIPPED: Final = Path(__file__).with_name("idempotency_keys.yaml")
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


_CONTENT_KEY: Final = KeyRule(paths=(), content=True, documented=False)


class KeyTable:
    """A complete table: every event name it does not list has the content key, documented nowhere."""

    __slots__ = ("_rules", "rules_version")

    def __init__(self, rules: Mapping[str, KeyRule]) -> None:
        self._rules = dict(rules)
        self.rules_version = _rules_version(self._rules)

    @classmethod
    def shipped(cls) -> "KeyTable":
        """Return the table that comes with the bridge, made from event-stream.md's."""
        return _shipped()

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a table of the shipped file's format, `event name: {key: [path...], content: bool, documented: bool}`.

        It replaces the shipped table as a whole: event names it leaves out get the content key.
        Raises OSError if the file cannot be read and InvalidKeyTable if it is no such table.
        """
        file = Path(path)
        try:
            return cls(_rules_of(load_yaml(file.read_bytes())))
        except (yaml.YAMLError, ValueError) as error:
            raise InvalidKeyTable(f"{file}: {error}") from error

    def rule(self, event_name: str) -> KeyRule:
        """Return the rule of any event name."""
        return self._rules.get(event_name, _CONTENT_KEY)


@cache
def _shipped() -> KeyTable:
    return KeyTable.load(_SHIPPED)


def _rules_version(rules: Mapping[str, KeyRule]) -> str:
    """Return a short text that is the same for the same rules, however the file is laid out."""
    content = {
        name: [[str(path) for path in rule.paths], rule.content, rule.documented] for name, rule in rules.items()
    }
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return f"{CANONICALISATION}-{blake2b(text, digest_size=6).hexdigest()}"


def _rules_of(document: Any) -> dict[str, KeyRule]:
    if not isinstance(document, dict):
        raise InvalidKeyTable("the table must be a mapping from event names to rules")
    return {_event_name(name): _rule(name, entry) for name, entry in document.items()}


def _event_name(name: Any) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidKeyTable(f"{name!r}: an event name must be a non-empty string")
    return name


def _rule(name: str, entry: Any) -> KeyRule:
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
