"""Lists of kept records, some of which an open transaction hides."""

import asyncio
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from bridge.kafka.open_transactions import OpenTransaction
from bridge.settings import Settings
from commands.evidence import actions
from commands.evidence.listing import Listing
from commands.evidence.quarantine_command import _SHEET
from commands.evidence.reading import Selection
from commands.evidence.shelves import Quarantine
from commands.terminal.lists import ListFormat
from commands.terminal.remedies import OF_OPEN_TRANSACTIONS

SETTINGS = Settings(tenant="acme", partitions=1)
KEPT = TopicPartition(SETTINGS.topics.quarantine, 0)


@pytest.mark.parametrize("output", [ListFormat.TABLE, ListFormat.JSON])
def test_that_it_hides_some_is_said_beside_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], output: ListFormat
) -> None:
    """The list said "1 record.", of 846."""

    async def there(_settings: Settings) -> None:
        return None

    async def hidden(_settings: Settings, of: list[TopicPartition], _deadline: float) -> list[OpenTransaction]:
        assert of == [KEPT]
        return [OpenTransaction(KEPT, 1, 845)]

    async def made(*_: Any) -> Listing:
        return Listing([], 1)

    for name, instead in (("require_topics", there), ("wait_for_their_ends", hidden), ("make_listing", made)):
        monkeypatch.setattr(actions, name, instead)
    monkeypatch.setattr(actions, "run", lambda _, task: asyncio.run(task))
    actions.show_list(SETTINGS, Quarantine(SETTINGS), Selection(), None, 10, _SHEET, output)
    told = capsys.readouterr().err
    assert f"{KEPT.topic}/0: a transaction is open: 845 offsets from 1 on wait for it." in told
    assert f"hint: {OF_OPEN_TRANSACTIONS}." in told
