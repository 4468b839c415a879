"""Where the key rules of two tables differ, name by name. Pure."""

from typing import NamedTuple

from schemas.key_rule import CONTENT_KEY, KeyRule
from schemas.keytable import KeyRules


class Change(NamedTuple):
    """A change of an event name's rule. None: the name has no rule, and so the content key."""

    name: str
    before: KeyRule | None
    after: KeyRule | None

    def __str__(self) -> str:
        return f"{self.name} has the key rule {self.before or CONTENT_KEY}, not {self.after or CONTENT_KEY}"


def changes(before: KeyRules, after: KeyRules) -> list[Change]:
    """Every name whose rule changes, by name. Both hold only rules that differ from the content key."""
    names = sorted({*before, *after})
    pairs = (Change(name, before.get(name), after.get(name)) for name in names)
    return [change for change in pairs if change.before != change.after]
