"""Headless Chromium, driven by its DevTools protocol: only what these tests need of it."""

import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

PATIENCE_S: Final = 60.0
LOOK_S: Final = 0.05
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    "--headless",
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
_LISTENS: Final = re.compile(rb"DevTools listening on (ws://\S+)")

Json = dict[str, Any]


def found() -> str:
    """The browser's path. Skips the test if there is none."""
    path = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium), so no page is looked at")
    return path


@asynccontextmanager
async def browser() -> AsyncIterator["Browser"]:
    """Start a browser, and end it in the end."""
    with tempfile.TemporaryDirectory() as home:
        process = await asyncio.create_subprocess_exec(
            found(),
            *_OPTIONS,
            f"--user-data-dir={home}/profile",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "HOME": home},
        )
        try:
            async with aiohttp.ClientSession() as session:
                async with asyncio.timeout(PATIENCE_S):
                    address = await _address(process)
                    socket = await session.ws_connect(address, max_msg_size=0)
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                try:
                    yield browser
                finally:
                    listening.cancel()
                    await socket.close()
        finally:
            process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    lines = []
    while line := await process.stderr.readline():
        lines.append(line)
        if match := _LISTENS.search(line):
            return match[1].decode()
    raise AssertionError(f"Chromium ended: {b''.join(lines).decode()}")


class Browser:
    """One connection, for the commands of all tabs."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._tabs: dict[str, Tab] = {}

    async def listen(self) -> None:
        """Give each answer to its command and each event to its tab, until the socket ends."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                if not (answer := self._answers.pop(said["id"])).done():  # whoever waited may have given up
                    answer.set_result(said)
            elif said.get("sessionId") in self._tabs:
                self._tabs[said["sessionId"]].tell(said["method"], said["params"])

    async def command(self, method: str, session: str | None = None, **params: Any) -> Json:
        """Send a command; return what the browser answers."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE_S):
            said = await self._answers[number]
        assert "error" not in said, f"{method}: {said['error']}"
        result: Json = said["result"]
        return result

    @asynccontextmanager
    async def tab(self, *, width: int = 1280, dark: bool = False, script: bool = True) -> AsyncIterator["Tab"]:
        """A tab with cookies of its own."""
        context = (await self.command("Target.createBrowserContext"))["browserContextId"]
        target = await self.command("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.command("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab = self._tabs[attached["sessionId"]] = Tab(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            await tab.command(f"{domain}.enable")
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        await tab.command("Emulation.setEmulatedMedia", features=scheme)
        await tab.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        await tab.command("Emulation.setFocusEmulationEnabled", enabled=True)  # else it is hidden behind another one
        await tab.command("Emulation.setScriptExecutionDisabled", value=not script)
        try:
            yield tab
        finally:
            del self._tabs[attached["sessionId"]]
            await self.command("Target.disposeBrowserContext", browserContextId=context)


class Tab:
    """A page. `complaints`: what the browser logged against it: policy violations, errors, missing files."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self._loaded = asyncio.Event()
        self.complaints: list[str] = []

    async def command(self, method: str, **params: Any) -> Json:
        """Send a command; return what the browser answers."""
        return await self._browser.command(method, self._session, **params)

    def tell(self, method: str, params: Json) -> None:
        """Take an event."""
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Log.entryAdded":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))

    async def go(self, url: str) -> None:
        """Load a page."""
        self._loaded.clear()
        await self.command("Page.navigate", url=url)
        await self.loaded()

    async def loaded(self) -> None:
        """Wait until the page is loaded."""
        async with asyncio.timeout(PATIENCE_S):
            await self._loaded.wait()

    def leaving(self) -> None:
        """Say that the next step loads another page."""
        self._loaded.clear()

    async def run(self, script: str) -> Any:
        """The value of an expression in the page; waits for promises."""
        said = await self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait until an expression in the page is true, whatever is loaded meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.run(f"Boolean({condition})"):
                await asyncio.sleep(LOOK_S)

    async def press(self, key: str) -> None:
        """Press a key and let it go."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
        said = {"key": key, "windowsVirtualKeyCode": code}
        await self.command("Input.dispatchKeyEvent", type="keyDown", text=text, **said)
        await self.command("Input.dispatchKeyEvent", type="keyUp", **said)

    async def picture(self, path: Path, height: int) -> None:
        """Save the page's top, this many pixels high, as a PNG."""
        size = (await self.command("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(height, size["height"]), "scale": 1}
        said = await self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(said["data"]))
