"""What a migration takes from topics if the recorded rules, or quarantine, say something else."""

from dataclasses import replace
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from commands.topics.migration import tables
from commands.topics.migration.before import Before
from commands.topics.migration.migrate import _Migration
from commands.topics.migration.rebuild import Place
from commands.topics.migration.scratch import Scratch
from commands.topics.migration.tables import Tables
from processors.dedupe import agent as dedupe
from processors.dedupe.decision import Seen
from tests.unit.commands.topics.migration.test_announcing import Silent

SETTINGS = Settings(tenant="acme", partitions=4)
RECORDED = Recorded.first(replace(rules_of(SETTINGS), partitions=2))


@pytest.mark.parametrize(
    ("ends", "begins"), [((5, 0, 0, 0), (5, 0)), ((5, 6, 0, 8), (5, 6, 0, 8)), ((0, 0, 7, 0), (0, 0, 7))]
)
def test_new_rules_begin_behind_what_was_in_partitions_beyond_those_of_the_former(
    ends: tuple[int, ...], begins: tuple[int, ...]
) -> None:
    """Otherwise what lies there would count as of the new rules, by which no worker has decided on it."""
    unused: Any = None
    migration = _Migration(SETTINGS, unused, unused, Silent(), RECORDED, {})
    assert migration._begins(dict(enumerate(ends))) == begins


class RebuiltError(Exception):
    """The test looks no further."""


async def test_what_was_processed_is_rebuilt_whatever_quarantine_says(
    monkeypatch: pytest.MonkeyPatch, scratch: Scratch
) -> None:
    """This is known only once quarantine was read, and then the changelog."""
    aside = {(0, 3), (0, 4)}

    async def find_failed_places(*_: Any) -> set[Place]:
        return aside

    async def read(self: Before, _consumer: object, table: str, *_: Any) -> None:
        row = Seen(0, 3, 5, b"hash").pack()
        if table == dedupe.TABLE:
            self.note(table, [ConsumerRecord("", 0, 0, 5, 0, b"order.created/o-1", row, None, 0, 0, ())])

    async def nothing(*_: Any) -> dict[object, int]:
        return {}

    def rebuild(_settings: Settings, _scratch: Scratch, failed: set[Place], _rules: object) -> None:
        assert failed == {(0, 4)}
        raise RebuiltError

    fakes = {"committed": nothing, "first_received": nothing, "Rebuild": rebuild}
    for name, fake in {**fakes, "find_failed_places": find_failed_places}.items():
        monkeypatch.setattr(tables, name, fake)
    monkeypatch.setattr(Before, "read", read)
    unused: Any = None
    with pytest.raises(RebuiltError):
        await Tables(SETTINGS, unused, scratch, Silent()).rebuild([], {0: 0})
