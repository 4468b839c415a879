"""What is looked at if there is more than a search reads: without a known time, what came last."""

from typing import Any

import pytest

from commands.explain import search
from commands.explain.search import Search
from commands.terminal.typed import now_ms
from tests.unit.commands.verify.retention import DAY, Logs

TOPIC = "newstore.raw.v1"


@pytest.mark.parametrize("behind_ms", [0, 2 * DAY])
@pytest.mark.parametrize(
    ("recent", "most", "found"), [(True, 5, {6, 7, 8, 9, 10}), (False, 5, {1, 3, 5, 7, 9}), (True, 10, {*range(1, 11)})]
)
async def test_the_latest_are_looked_at_where_nothing_says_when(
    monkeypatch: pytest.MonkeyPatch, recent: bool, most: int, found: set[int], behind_ms: int
) -> None:
    """A deployment of a million events a day could find none of the last 19 hours; nor could one whose records are
    newer than the asker's clock."""
    monkeypatch.setattr(search, "MOST", most)
    monkeypatch.setattr(search, "now_ms", lambda: now_ms() - behind_ms)
    since, logs = now_ms() - DAY, Logs()
    for number in range(10):
        logs.write(TOPIC, b"", since + (number + 1) * DAY // 20, to=number % 2)
    consumer: Any = logs
    looking = Search(consumer, lambda _: None)
    read = {(each.timestamp - since) * 20 // DAY async for each in looking.scan(TOPIC, [0, 1], since, recent=recent)}
    assert read == found
    (note,) = looking.searched
    assert (note.cut, note.ended, note.records) == (recent and most == 5, recent, most)
    assert note.from_ms == since or since + 5 * DAY // 20 < note.from_ms <= since + 6 * DAY // 20
