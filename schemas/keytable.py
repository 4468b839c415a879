"""The idempotency key table: which fields of an event make two deliveries the same event."""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import yaml

from schemas.key_rule import CONTENT_KEY, SURROGATE, InvalidKeyTable, KeyRule, rule_of, version_of

_SHIPPED: Final = Path(__file__).with_name("idempotency_keys.yaml")
_SHIPPED_BEFORE: Final = Path(__file__).with_name("idempotency_keys.1-bdf17722e3c3.yaml")

_CONTENT_KEY_VERSION: Final = CONTENT_KEY.version

KeyRules = Mapping[str, KeyRule]
"""By event name, the rules that differ from the content key: only these change verdicts."""


class _StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)


def load_yaml(text: bytes) -> Any:
    """Parse one document of plain YAML data; raises yaml.YAMLError."""
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader  # nosec B506


class KeyTable:
    """A complete table: every event name that it does not list has the content key.

    `rules` are those that differ from the content key. They are the same whatever names are listed with it;
    `fingerprint` is not.
    """

    __slots__ = ("_of_unlisted", "_recognised", "_versions", "fingerprint", "rules")

    def __init__(self, listed: KeyRules, former_version: str | None = None, but_for: Collection[str] = ()) -> None:
        """`former_version`: the `bridge_rules` that earlier revisions wrote for every event, when a whole table had one
        version. It counts for all names but those in `but_for`, whose rules came later. None: the fingerprint."""
        self.rules: KeyRules = {name: rule for name, rule in listed.items() if rule != CONTENT_KEY}
        self.fingerprint = version_of({name: [*rule.entry.values()] for name, rule in listed.items()})
        former = (former_version or self.fingerprint).encode()
        self._versions = {name: rule.version for name, rule in self.rules.items()}
        self._of_unlisted = {_CONTENT_KEY_VERSION.encode(), former}
        self._recognised = {
            name.encode(): {version.encode()} if name in but_for else {version.encode(), former}
            for name, version in self._versions.items()
        }

    @classmethod
    def shipped(cls) -> "KeyTable":
        """Return the table that comes with the bridge, made from the one in NewStore's event-stream documentation."""
        return _loaded(_SHIPPED)

    @classmethod
    def shipped_before(cls) -> "KeyTable":
        """Return the table that came with all revisions that recorded only its fingerprint."""
        return _loaded(_SHIPPED_BEFORE)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a table of the shipped file's format, `event name: {key: [path...], content: bool, documented: bool}`.

        It replaces the shipped table as a whole: event names it leaves out get the content key.
        OSError: the file cannot be read. InvalidKeyTable: it is no such table.
        """
        file = Path(path)
        try:
            return cls(rules_of(load_yaml(file.read_bytes())))
        except (yaml.YAMLError, ValueError) as error:
            raise InvalidKeyTable(f"{file}: {error}") from error
        except RecursionError:
            raise InvalidKeyTable(f"{file}: the table is nested too deeply") from None

    def rule(self, event_name: str) -> KeyRule:
        """Return the rule of any event name."""
        return self.rules.get(event_name, CONTENT_KEY)

    def version(self, event_name: str) -> str:
        """Return the version of the rule of any event name."""
        return self._versions.get(event_name, _CONTENT_KEY_VERSION)

    def recognises(self, version: bytes, event_name: bytes) -> bool:
        """Say whether `version`, the `bridge_rules` of an event of this name, is of the rule that the name has here."""
        return version in self._recognised.get(event_name, self._of_unlisted)


def rules_of(document: Any) -> dict[str, KeyRule]:
    """Return the rules that a table's document lists. InvalidKeyTable: it is no table."""
    if not isinstance(document, dict):
        raise InvalidKeyTable("the table must be a mapping from event names to rules")
    return {_event_name(name): rule_of(name, entry) for name, entry in document.items()}


@cache
def _loaded(file: Path) -> KeyTable:
    return KeyTable.load(file)


def _event_name(name: Any) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidKeyTable(f"{name!r}: an event name must be a non-empty string")
    if SURROGATE.search(name):
        raise InvalidKeyTable(f"{name!r}: an event name must not have half a character")
    return name
