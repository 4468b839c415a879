"""Callers deliver as fast as they are answered, and count what becomes of each request."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

KEY = b"Authorization: Bearer right\r\n"


def delivery(body: bytes) -> bytes:
    """A whole request."""
    head = b"POST /webhooks/newstore HTTP/1.1\r\nHost: bridge\r\n" + KEY
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Caller:
    """Delivers `request` as fast as it is answered. `outcomes` counts statuses, and errors by their names."""

    def __init__(self, port: int, request: bytes, outcomes: Counter[str], *, comes_again: bool) -> None:
        self._port, self._request, self._outcomes, self._comes_again = port, request, outcomes, comes_again

    async def run(self) -> None:
        """Deliver until nobody listens any more or, unless it comes again, the first connection is closed."""
        with contextlib.suppress(ConnectionRefusedError):
            while await self._connection() and self._comes_again:
                pass

    async def _connection(self) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while not await self._deliver(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self._outcomes[type(error).__name__] += 1
            return False
        finally:
            writer.transport.abort()
        return True

    async def _deliver(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether this was the connection's last answer."""
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        self._outcomes[head.split()[1].decode()] += 1
        return b"connection: close" in head


@asynccontextmanager
async def calling(port: int, request: bytes, callers: int, *, come_again: bool = False) -> AsyncIterator[Counter[str]]:
    """So many callers at a time; leaves once all are done."""
    outcomes: Counter[str] = Counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(Caller(port, request, outcomes, comes_again=come_again).run())
        yield outcomes


@asynccontextmanager
async def noting_gaps() -> AsyncIterator[list[float]]:
    """Seconds between any two turns of the event loop, in which no caller sends anything."""
    gaps = list[float]()
    noting = asyncio.create_task(_note(gaps))
    try:
        yield gaps
    finally:
        noting.cancel()
        await asyncio.wait({noting})


async def _note(gaps: list[float]) -> None:
    before = time.monotonic()
    while True:
        await asyncio.sleep(0.01)
        now = time.monotonic()
        gaps.append(now - before)
        before = now
