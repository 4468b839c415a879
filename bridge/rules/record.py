"""The recorded rules as the value of a Kafka record. Pure.

An earlier revision, which knew a key table only by its fingerprint, reads and compares only `rules`, `epochs` and
`migrating`. These keep their form, so its processes run on beside ours. Once a rule is added, which they cannot know,
they end.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from bridge.printable import printable
from bridge.refusals import RulesUnreadable
from bridge.rules.rules import Recorded, Rules
from schemas.keytable import KeyTable, rules_of


def encode(recorded: Recorded) -> bytes:
    """JSON. Rules known only by fingerprint keep the form in which they were found."""
    rules = recorded.rules
    document: dict[str, Any] = {
        "rules": _identified(rules),
        "epochs": recorded.epochs,
        "migrating": _announced(recorded),
    }
    if rules.keys is not None:
        document |= {
            "keys": {name: rule.entry for name, rule in rules.keys.items()},
            "former_version": recorded.former_version,
            "adopted": sorted(recorded.adopted),
            "adopting": sorted(recorded.adopting),
        }
    return orjson.dumps(document)


def decode(value: bytes, known: Iterable[KeyTable]) -> Recorded:
    """Reads what `encode` wrote, or a revision that wrote the first three fields only. `known`: tables that may have
    its fingerprint.

    RulesUnreadable: it is neither.
    """
    try:
        return _decoded(value, known)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise RulesUnreadable(
            f"The recorded rules are none that the bridge has written ({printable(str(error))})."
        ) from error


def _decoded(value: bytes, known: Iterable[KeyTable]) -> Recorded:
    document = orjson.loads(value)
    tables = {table.fingerprint: table for table in known}
    rules = _rules(document["rules"], tables)
    epochs = tuple(tuple(map(int, begins)) for begins in document["epochs"])
    adopting = frozenset(document.get("adopting", ()))
    migrating = None if document["migrating"] is None or adopting else _rules(document["migrating"], tables)
    if not names_rules(value):
        return Recorded(rules, rules.fingerprint, epochs, migrating)
    rules = Rules(rules.partitions, rules_of(document["keys"]), rules.fingerprint)
    return Recorded(rules, document["former_version"], epochs, migrating, frozenset(document["adopted"]), adopting)


def names_rules(value: bytes) -> bool:
    """Whether a record holds the rules by name, as `encode` writes them, and not a fingerprint only."""
    return "keys" in orjson.loads(value)


def _identified(rules: Rules) -> dict[str, Any]:
    return {"partitions": rules.partitions, "rules_version": rules.fingerprint}


def _announced(recorded: Recorded) -> dict[str, Any] | None:
    """The field `migrating`. A revision that does not know adoption takes one for a migration, and waits as long."""
    if recorded.adopting:
        names = ", ".join(sorted(recorded.adopting))
        return {"partitions": recorded.rules.partitions, "rules_version": f"with one for {names}"}
    return None if recorded.migrating is None else _identified(recorded.migrating)


def _rules(identified: dict[str, Any], tables: dict[str, KeyTable]) -> Rules:
    fingerprint, partitions = identified["rules_version"], identified["partitions"]
    if not isinstance(fingerprint, str) or type(partitions) is not int:
        raise ValueError("a fingerprint is a text, and partitions are counted")
    table = tables.get(fingerprint)
    return Rules(partitions, None if table is None else table.rules, fingerprint)
