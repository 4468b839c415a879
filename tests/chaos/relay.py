"""The network between the processes, as one process: every connection to a broker runs through it.

``python -m tests.chaos.relay``: standard input holds commands as JSON lines (``Network`` writes them), each is
answered by a line; the end of standard input ends the relay. Who dials is found by the pid behind a connection's
port, so two processes can be cut off from each other while everybody else reaches both.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_CHUNK = 1 << 18
_STILL = 0.05  # seconds between looks at a cut connection


class Relay:
    """Forwards, holds back or delays bytes between named parties."""

    def __init__(self) -> None:
        self._pids: dict[str, int] = {}
        self._delays: dict[frozenset[str], float | None] = {}
        self._connections: set[asyncio.Task[None]] = set()

    async def obey(self, command: dict[str, Any]) -> None:
        """``listen`` name on port for target; ``pid`` of a name; ``link`` between two: seconds of delay, None cuts."""
        match command["do"]:
            case "listen":
                await self._listen(command["name"], command["port"], command["target"])
            case "pid":
                self._pids[command["name"]] = command["pid"]
            case "link":
                self._delays[frozenset(command["between"])] = command["delay"]
            case "heal":
                self._delays.clear()

    async def _listen(self, name: str, port: int, target: int) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            with contextlib.suppress(OSError):
                await self._relay(name, target, reader, writer)
            writer.close()

        await asyncio.start_server(connected, "127.0.0.1", port, limit=_CHUNK)

    async def _relay(self, name: str, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = frozenset((name, self._dialler(writer.get_extra_info("peername")[1])))
        await self._passable(link)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target, limit=_CHUNK)
        try:
            ways = [
                asyncio.create_task(self._pump(link, reader, far_writer)),
                asyncio.create_task(self._pump(link, far_reader, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            far_writer.close()

    async def _pump(self, link: frozenset[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            if link in self._delays:
                await self._passable(link)
                await asyncio.sleep(self._delays.get(link) or 0)
            writer.write(data)
            await writer.drain()

    async def _passable(self, link: frozenset[str]) -> None:
        """Bytes on a cut line are neither lost nor refused: they wait, as TCP would have it."""
        while self._delays.get(link, 0) is None:
            await asyncio.sleep(_STILL)

    def _dialler(self, port: int) -> str:
        inode = _inode_of(port)
        holders = (name for name, pid in self._pids.items() if inode is not None and inode in _sockets(pid))
        return next(holders, "anybody")


def _inode_of(port: int) -> str | None:
    """Inode of the socket whose local end is this loopback port."""
    for table in ("tcp", "tcp6"):  # a JVM's sockets are of the second kind
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port:
                return fields[9]
    return None


def _sockets(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):  # a process that has ended, a descriptor that was closed meanwhile
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                kind, _, inode = str(descriptor.readlink()).partition(":")
                if kind == "socket":
                    yield inode[1:-1]


async def main() -> None:
    """Obey until standard input ends."""
    relay, loop = Relay(), asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await relay.obey(json.loads(line))
        sys.stdout.write("done\n")
        sys.stdout.flush()
    os._exit(0)  # connections are of no interest any more


if __name__ == "__main__":
    asyncio.run(main())
