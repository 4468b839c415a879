"""The worker's keys over real sockets: they follow their file while it serves."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bridge.http import bearer_keys
from tests.unit.processors.worker.test_web import serving

NEW = "new-" + "n" * 24


async def asked(port: int, *keys: str) -> int:
    """The status of a question for an order: without partitions 503, for those who may ask."""
    headers = [("Authorization", f"Bearer {key}") for key in keys]
    url = f"http://127.0.0.1:{port}/orders/1"
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as answer:
        return answer.status


async def test_they_are_rotated_without_a_restart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("right\n")
    monkeypatch.setenv("BRIDGE_WORKER_API_KEYS_FILE", str(file))
    monkeypatch.setattr(bearer_keys, "LOOK_EVERY_S", 0.01)
    async with serving() as port, asyncio.timeout(30):
        assert [await asked(port, "right"), await asked(port, NEW)] == [503, 401]
        file.write_text(f"right\n{NEW}\n")
        while await asked(port, NEW) != 503:
            await asyncio.sleep(0.01)
        assert await asked(port, "right") == 503
        file.write_text(f"{NEW}\n")
        while await asked(port, "right") != 401:
            await asyncio.sleep(0.01)
        assert await asked(port, NEW) == 503


async def test_several_in_one_question_are_refused() -> None:
    async with serving() as port:
        assert await asked(port, "right", "right") == 401


async def test_weak_ones_are_told_by_readiness() -> None:
    async with (
        serving() as port,
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}/readyz?verbose") as answer,
    ):
        assert "[!]keys: 1 of 1 in BRIDGE_WORKER_API_KEYS shorter" in await answer.text()
