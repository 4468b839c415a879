"""Keys of a running ingress: rotated under load without a dropped request, whatever happens to their file."""

import asyncio
import signal
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from tests.integration.ingress.conftest import WEBHOOK, Body, Serve
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.wire import Wire
from tests.integration.waiting import wait_until

OLD, NEW = "old-" + "o" * 24, "new-" + "n" * 24
CALLERS = 16


def with_key_file(deployment: Mapping[str, str], path: Path) -> dict[str, str]:
    """The deployment, with keys from this file."""
    kept = {name: value for name, value in deployment.items() if name != "BRIDGE_INGRESS_API_KEYS"}
    return kept | {"BRIDGE_INGRESS_API_KEYS_FILE": str(path)}


def replace(path: Path, *keys: str) -> None:
    """As Kubernetes does: a reader gets the old file or the new one."""
    other = path.with_suffix(".new")
    other.write_text("".join(f"{key}\n" for key in keys))
    other.replace(path)


class Load:
    """Callers that send without a pause, with the key of the moment."""

    def __init__(self, port: int, body: Body) -> None:
        self._url, self._body = f"http://127.0.0.1:{port}{WEBHOOK}", body
        self.key = OLD
        self.answers: Counter[int] = Counter()
        self._stop = False

    async def run(self) -> None:
        """Until `stop`. A connection that breaks raises."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as callers:
            for _ in range(CALLERS):
                callers.create_task(self._call(session))

    def stop(self) -> None:
        self._stop = True

    async def _call(self, session: aiohttp.ClientSession) -> None:
        while not self._stop:
            headers = {"Authorization": f"Bearer {self.key}"}
            async with session.post(self._url, data=self._body(), headers=headers) as response:
                self.answers[response.status] += 1


async def status_with(port: int, key: str, body: Body) -> int:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.post(f"http://127.0.0.1:{port}{WEBHOOK}", data=body()) as response,
    ):
        return response.status


async def opens(port: int, key: str, body: Body, *, expected: int = 200) -> None:
    async with asyncio.timeout(30):
        while await status_with(port, key, body) != expected:
            await asyncio.sleep(0.1)


async def test_a_rotation_under_load_drops_no_request(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    path = tmp_path / "keys"
    replace(path, OLD)
    with serve(with_key_file(deployment, path), tmp_path) as ingress:
        await asyncio.to_thread(ingress.wait_until_ready)
        load = Load(ingress.port, body)
        running = asyncio.create_task(load.run())
        replace(path, OLD, NEW)
        await opens(ingress.port, NEW, body)
        load.key = NEW
        before = load.answers.total()
        while load.answers.total() < before + 10 * CALLERS:  # no request has the old one any more
            await asyncio.sleep(0.01)
        replace(path, NEW)
        await opens(ingress.port, OLD, body, expected=401)
        load.stop()
        await running
        log = ingress.log
    assert set(load.answers) == {200}
    assert load.answers[200] > 100
    assert log.count("API keys changed") == 2
    assert "old-" not in log
    assert "new-" not in log


async def test_a_broken_file_or_a_hangup_ends_nothing(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    path = tmp_path / "keys"
    replace(path, OLD)
    with serve(with_key_file(deployment, path), tmp_path) as ingress:
        await asyncio.to_thread(ingress.wait_until_ready)
        assert "[!]keys" not in ingress.page("/readyz?verbose")
        path.write_text("")
        await asyncio.to_thread(wait_until, "it warns", lambda: "[!]keys" in ingress.page("/readyz?verbose"))
        assert await status_with(ingress.port, OLD, body) == 200
        ingress._process.send_signal(signal.SIGHUP)
        replace(path, NEW)
        ingress._process.send_signal(signal.SIGHUP)
        await opens(ingress.port, NEW, body)
        assert await status_with(ingress.port, OLD, body) == 401
        ingress.terminate()
        assert await asyncio.to_thread(ingress.exit_code) == 0


def test_several_keys_in_one_request_are_refused(shared: Ingress, body: Body) -> None:
    event = body()
    for second in ("right", "wrong"):
        with Wire(shared.port) as wire:
            keys = ("Authorization: Bearer right", f"Authorization: Bearer {second}")
            wire.head(*keys, f"Content-Length: {len(event)}")
            wire.send(event)
            assert wire.answer()[0] == 401
