"""The rules in force, for commands that only read."""

from collections.abc import Collection
from typing import NamedTuple

from bridge.rules.epochs import partition_counts_so_far
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from schemas.keytable import KeyTable


class RulesInForce(NamedTuple):
    """`partition_counts`: all counts that raw has had; none if no rules are recorded. `key_table`: the settings' one if
    none is recorded or known."""

    partition_counts: Collection[int]
    key_table: KeyTable


async def rules_in_force(settings: Settings) -> RulesInForce:
    """Read the rules, whatever they are: reading must work during a migration, too, which `check_rules` refuses.

    The rules topic must exist. KafkaError: no answer. RulesUnreadable: the bridge has not written what it holds.
    """
    recorded = await read_rules(settings)
    if recorded is None:
        return RulesInForce((), settings.key_table)
    table = settings.key_table if recorded.rules.keys is None else recorded.key_table
    return RulesInForce(partition_counts_so_far(recorded), table)
