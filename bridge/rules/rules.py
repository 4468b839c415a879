"""The rules that a deployment was set up with: partition count and key rules. Pure; `bridge.rules.topic` keeps them.

Both decide where a key's history lies and what counts as the same event. The first `bridge topics apply` writes them,
`bridge topics migrate` changes them. Every service compares them with its own before it touches anything.

A rule for a name that has none changes no verdict if raw holds no event of the name: `bridge topics apply` adopts it.
Until then a worker whose table has the rule waits; later a process with an older table takes it from here. So verdicts
come from the recorded rules, the same in all of a deployment, whatever the table of a process says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from bridge.printable import listed
from bridge.refusals import Adopting, Migrating, RulesMismatch, RulesNotRecorded
from bridge.rules.changes import Change, changes
from bridge.settings import Settings
from schemas.keytable import KeyRules, KeyTable


@dataclass(frozen=True, slots=True)
class Rules:
    """What must never differ between the services of one deployment.

    `keys` None: an earlier revision recorded only the fingerprint of its whole table, and no known table has it.
    """

    partitions: int
    keys: KeyRules | None
    fingerprint: str = field(compare=False)
    canonicalisation: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "canonicalisation", self.fingerprint.partition("-")[0])

    def __str__(self) -> str:
        return f"{self.partitions} partitions and key rules {self.fingerprint}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """`rules` are in force. `migrating`: those of a migration under way, for which the tables are being rebuilt.

    `epochs`: for each migration so far, the raw offsets at which its rules began, by partition number. A partition that
    the migration or a later one made is not listed: there they began at 0.

    `adopted`: names whose rules were added since the last migration, or the first `apply`; `adopting`: names whose
    rules are being added. `former_version`: what the header `bridge_rules` of all other names' events says, if an
    earlier revision wrote it, which knew no version of a single rule.
    """

    rules: Rules
    former_version: str
    epochs: tuple[tuple[int, ...], ...] = ()
    migrating: Rules | None = None
    adopted: frozenset[str] = frozenset()
    adopting: frozenset[str] = frozenset()

    @classmethod
    def first(cls, rules: Rules) -> Self:
        """The record of a new deployment."""
        return cls(rules, rules.fingerprint)

    @property
    def key_table(self) -> KeyTable:
        """The rules in force, which decide verdicts. RulesMismatch: they are not known."""
        if self.rules.keys is None:
            raise RulesMismatch(f"Nobody knows a key table with the fingerprint {self.rules.fingerprint}.")
        return KeyTable(self.rules.keys, self.former_version, self.adopted)

    def unadopted(self, wanted: Rules) -> list[Change]:
        """The rules that `wanted` adds to those in force."""
        return [change for change in self._changes(wanted) if change.before is None]

    def retained(self, wanted: Rules) -> list[Change]:
        """The adopted rules that `wanted` does not have: they stay in force."""
        return [change for change in self._changes(wanted) if change.after is None and change.name in self.adopted]

    def conflicting(self, wanted: Rules) -> list[Change]:
        """The changes by which `wanted` would change verdicts."""
        harmless = {*self.unadopted(wanted), *self.retained(wanted)}
        return [change for change in self._changes(wanted) if change not in harmless]

    def with_rules_of(self, wanted: Rules) -> "Recorded":
        """The record with the rules that `wanted` adds, if any, in force."""
        added = {change.name: change.after for change in self.unadopted(wanted) if change.after is not None}
        if not added:  # the fingerprint stays, so processes that compare only that do not end
            return replace(self, adopting=frozenset())
        keys = {**(self.rules.keys or {}), **added}
        fingerprint = wanted.fingerprint if keys == wanted.keys else KeyTable(keys).fingerprint
        rules = Rules(self.rules.partitions, keys, fingerprint)
        return replace(self, rules=rules, adopted=self.adopted | added.keys(), adopting=frozenset())

    def announcing(self, after: Rules) -> "Recorded":
        """The record of a migration that begins: no service may go on."""
        return replace(self, migrating=after, adopting=frozenset())

    def migrated(self, after: Rules, raw_ends: tuple[int, ...]) -> "Recorded":
        """The record after a migration: what raw holds from `raw_ends` on is for the new rules."""
        epochs = (*self.epochs, raw_ends)
        if (after.canonicalisation, after.keys) == (self.rules.canonicalisation, self.rules.keys):
            return replace(self, rules=after, epochs=epochs, migrating=None)
        return replace(Recorded.first(after), epochs=epochs)

    def _changes(self, wanted: Rules) -> list[Change]:
        return changes(self.rules.keys or {}, wanted.keys or {})


def rules_of(settings: Settings) -> Rules:
    """The rules that these settings ask for."""
    return Rules(settings.partitions, settings.key_table.rules, settings.key_table.fingerprint)


def require_recorded(recorded: Recorded | None) -> Recorded:
    """Return what is recorded. RulesNotRecorded: nothing is."""
    if recorded is None:
        raise RulesNotRecorded("The rules are not recorded yet: run `bridge topics apply`.")
    return recorded


def compare(recorded: Recorded | None, wanted: Rules) -> Recorded:
    """Return what is recorded, if `wanted` changes none of its verdicts and no migration is under way.

    RulesMismatch: a service exits 2. RulesNotRecorded, Migrating: it is not ready and asks again.
    """
    recorded = require_recorded(recorded)
    if recorded.migrating is not None:
        raise Migrating(
            f"A migration to {recorded.migrating} is under way: if no `bridge topics migrate` runs, run it again, and"
            " it goes on."
        )
    if differing := list(_differing(recorded, wanted)):
        raise RulesMismatch(
            f"The deployment was set up with {' and '.join(differing)}: go back to that, use another"
            " BRIDGE_TOPIC_PREFIX, or move its data with `bridge topics migrate`."
        )
    return recorded


def require_adopted(recorded: Recorded, wanted: Rules) -> None:
    """Return if all rules of `wanted` are in force, so that verdicts may be given.

    Adopting, RulesNotRecorded: not so; a worker is not ready and asks again.
    """
    if recorded.adopting:
        names = listed(sorted(recorded.adopting))
        raise Adopting(f"Key rules for {names} are being adopted: if no `bridge topics apply` runs, run it again.")
    if added := recorded.unadopted(wanted):
        names = listed([change.name for change in added])
        raise RulesNotRecorded(f"The key rules for {names} are not in force yet: run `bridge topics apply`.")


def _differing(recorded: Recorded, wanted: Rules) -> Iterator[str]:
    rules = recorded.rules
    if rules.partitions != wanted.partitions:
        yield f"BRIDGE_PARTITIONS={rules.partitions}, not {wanted.partitions}"
    if rules.canonicalisation != wanted.canonicalisation:
        yield f"the canonicalisation {rules.canonicalisation}, not {wanted.canonicalisation}"
    elif rules.keys is None:
        yield (
            f"a key table of which an earlier version has recorded the fingerprint {rules.fingerprint} only (run"
            " `bridge topics apply` with that table once, and every single rule is recorded)"
        )
    elif conflicting := recorded.conflicting(wanted):
        yield f"other key rules ({listed(conflicting)})"
