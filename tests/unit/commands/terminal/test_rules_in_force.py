"""Whoever looks at a deployment is told its rules, whatever they are."""

import pytest

from bridge.rules.rules import Recorded, Rules, rules_of
from bridge.settings import Settings
from commands.terminal import rules_in_force as module
from commands.terminal.rules_in_force import rules_in_force
from schemas.keytable import KeyTable

SETTINGS = Settings(tenant="acme", partitions=8)
OURS = rules_of(SETTINGS)
OTHERS = Rules(12, {}, KeyTable({}).fingerprint)


@pytest.mark.parametrize(
    ("recorded", "counts", "table"),
    [
        (None, set(), SETTINGS.key_table),
        (Recorded.first(OURS), {8}, SETTINGS.key_table),
        (Recorded(OTHERS, OTHERS.fingerprint, ((1, 2), (3, 4, 5)), OURS), {12, 2, 3}, KeyTable({})),
        (Recorded(Rules(4, None, "1-abc"), "1-abc"), {4}, SETTINGS.key_table),
    ],
    ids=["none", "ours", "others, in a migration", "by a fingerprint that nobody knows"],
)
async def test_they_are_told(
    monkeypatch: pytest.MonkeyPatch, recorded: Recorded | None, counts: set[int], table: KeyTable
) -> None:
    async def read_rules(_settings: Settings) -> Recorded | None:
        return recorded

    monkeypatch.setattr(module, "read_rules", read_rules)
    found = await rules_in_force(SETTINGS)
    assert set(found.partition_counts) == counts
    assert found.key_table.rules == table.rules
