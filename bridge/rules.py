"""The rules that a deployment was set up with: partition count and rules version. Pure; `rules_topic` keeps them.

Both decide where a key's history lies and what counts as the same event. They are written by the first `bridge topics
apply` and changed by `bridge topics migrate`; every service compares them with its own before it touches anything.
"""

from dataclasses import dataclass, replace

from bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Rules:
    """What must never differ between the services of one deployment."""

    partitions: int
    rules_version: str

    def __str__(self) -> str:
        return f"{self.partitions} partitions and key rules {self.rules_version}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """`rules` are in force; `migrating`: those that the tables are being rebuilt for, if they are.

    `epochs` has for each migration so far the raw offsets at which its rules began, by partition number. A partition
    that was made by the migration, or later, is not named: there they began at 0.
    """

    rules: Rules
    epochs: tuple[tuple[int, ...], ...] = ()
    migrating: Rules | None = None

    def announcing(self, after: Rules) -> "Recorded":
        """A migration begins: no service may go on."""
        return replace(self, migrating=after)

    def migrated(self, after: Rules, raw_ends: tuple[int, ...]) -> "Recorded":
        """The migration is done: what raw holds from `raw_ends` on is for the new rules."""
        return Recorded(after, (*self.epochs, raw_ends))


class RulesMismatch(Exception):  # noqa: N818 - says what is the case
    """The settings differ from what the deployment was set up with. The message is a sentence for people."""


class RulesNotRecorded(Exception):  # noqa: N818 - says what is the case
    """Nobody has run `bridge topics apply` for this prefix yet."""


class Migrating(Exception):  # noqa: N818 - says what is the case
    """The deployment is being moved to other rules: nobody else may write meanwhile."""


def rules_of(settings: Settings) -> Rules:
    """The rules that these settings ask for."""
    return Rules(settings.partitions, settings.key_table.rules_version)


def compare(recorded: Recorded | None, wanted: Rules) -> Recorded:
    """Give back what is recorded if `wanted` are the rules in force, and stay so.

    RulesMismatch: a service exits 2. RulesNotRecorded, Migrating: it is not ready and asks again.
    """
    if recorded is None:
        raise RulesNotRecorded("The rules are not recorded yet: run `bridge topics apply`.")
    if recorded.migrating is not None:
        raise Migrating(
            f"A migration to {recorded.migrating} is under way. If no `bridge topics migrate` runs, run it again: it"
            " goes on."
        )
    differing = []
    if recorded.rules.partitions != wanted.partitions:
        differing.append(f"BRIDGE_PARTITIONS={recorded.rules.partitions}, not {wanted.partitions}")
    if recorded.rules.rules_version != wanted.rules_version:
        differing.append(f"the key rules {recorded.rules.rules_version}, not {wanted.rules_version}")
    if differing:
        raise RulesMismatch(
            f"The deployment was set up with {' and '.join(differing)}: go back to that, use another"
            " BRIDGE_TOPIC_PREFIX, or move its data with `bridge topics migrate`."
        )
    return recorded
