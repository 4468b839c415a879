"""The rules in force, as far as somebody who only looks has to know them."""

from collections.abc import Collection
from typing import NamedTuple

from bridge.rules.epochs import partition_counts_so_far
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from schemas.keytable import KeyTable


class RulesInForce(NamedTuple):
    """`partition_counts`: every count that raw has had, none where no rules are recorded. `key_table`: that of the
    settings where none is recorded, or none that is known."""

    partition_counts: Collection[int]
    key_table: KeyTable


async def rules_in_force(settings: Settings) -> RulesInForce:
    """Whatever they are: looking must be possible during a migration, too, which `check_rules` refuses.

    The rules topic must exist. KafkaError: no answer. RulesUnreadable: what it holds is none that the bridge has
    written.
    """
    recorded = await read_rules(settings)
    if recorded is None:
        return RulesInForce((), settings.key_table)
    table = settings.key_table if recorded.rules.keys is None else recorded.key_table
    return RulesInForce(partition_counts_so_far(recorded), table)
