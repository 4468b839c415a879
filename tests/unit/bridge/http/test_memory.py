"""Memory that connections held is given back to the system once they are gone."""

import pytest

from bridge.http import connections as connections_module
from tests.unit.bridge.http.site import REQUEST, head, serving

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("impatient")]


async def test_what_was_held_is_given_back_to_the_system_once_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[None] = []
    monkeypatch.setattr(connections_module, "TRIM_BYTES", 10_000)
    monkeypatch.setattr(connections_module, "give_memory_back", lambda: given_back.append(None))
    async with serving() as site:
        ends = [await site.connect() for _ in range(3)]
        for _, writer in ends[:2]:
            writer.write(REQUEST[:-2] + b"X: " + b"x" * 50_000)
        await site.until(lambda: site.connections.budget.used > 100_000)
        reader, writer = ends[2]
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        assert not given_back
        for _, writer in ends[:2]:
            writer.transport.abort()
        await site.until(lambda: len(given_back) == 1)


async def test_so_is_what_many_connections_had_that_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[None] = []
    monkeypatch.setattr(connections_module, "TRIM_CONNECTIONS", 2)
    monkeypatch.setattr(connections_module, "give_memory_back", lambda: given_back.append(None))
    async with serving() as site:
        ends = [await site.connect() for _ in range(4)]
        for reader, writer in ends:
            writer.write(REQUEST)
            assert (await head(reader))[0] == 200
        for _, writer in ends[:2]:
            writer.transport.abort()
        await site.until(lambda: len(site.connections._open) == 2)
        assert not given_back
        ends[2][1].transport.abort()
        await site.until(lambda: len(given_back) == 1)
