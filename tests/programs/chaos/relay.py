"""The network between the processes, as one process: every connection to a broker runs through it.

`python -m tests.programs.chaos.relay` reads commands as JSON lines from standard input (`Network` writes them), answers
each with one line, and ends when its input ends. It knows who dialled by the process that holds the other end. So two
processes can be cut off from each other while everybody else reaches both.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.programs.chaos.frames import Frames, request_in
from tests.programs.chaos.late import LateEndTxn
from tests.programs.chaos.sockets import Ends, holders

_CHUNK = 1 << 18
_TOGETHER = 0.05  # seconds that new connections wait, to be looked up together
_UNANSWERED = 30.0  # seconds after which whoever dials over a cut line gives up
_ANSWERED = 5.0  # seconds after which a broker surely has answered
_LOOKS = 3  # the kernel's list may leave out a connection while others come and go


@dataclass(eq=False, slots=True)
class _Connection:
    """A connection to the party `name`, from the process that holds the dialling end."""

    name: str
    ends: Ends
    link: frozenset[str] | None = None
    """Both parties, once they were looked up."""


class Relay:
    """Forwards, holds back or delays bytes between named parties."""

    def __init__(self) -> None:
        self._pids: dict[str, int] = {}
        self._delays: dict[frozenset[str], float | None] = {}
        self._connections: set[_Connection] = set()
        self._late = LateEndTxn()
        self._changed = asyncio.Event()
        self._look: asyncio.Task[None] | None = None

    async def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """`listen`: `port` leads to `target`, where `name` listens. `pid`: the process of a name. `link`: delay pairs
        by seconds; None cuts them. `late`: hold the next EndTxn, `of` a transactional id, until its sender's next
        transaction has begun; the rest of that comes `lead` seconds later. `heal`: end all this."""
        match command["do"]:
            case "listen":
                await self._listen(command["name"], command["port"], command["target"])
            case "pid":
                self._pids[command["name"]] = command["pid"]
            case "link":
                self._delays.update({frozenset(pair): command["delay"] for pair in command["pairs"]})
                await self._looked_up()
                self._tell_all()
            case "late":
                self._late.arm(command["lead"], command["of"])
            case "heal":
                self._delays.clear()
                self._late.disarm()
                self._tell_all()
        return {"delivered_late": self._late.delivered}

    async def _listen(self, name: str, port: int, target: int) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = _Connection(name, (writer.get_extra_info("peername")[1], port))
            self._connections.add(connection)
            with contextlib.suppress(OSError):
                await self._relay(connection, target, reader, writer)
            self._connections.discard(connection)
            writer.close()

        await asyncio.start_server(connected, "127.0.0.1", port, limit=_CHUNK, backlog=1000)

    async def _relay(
        self, connection: _Connection, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with asyncio.timeout(_UNANSWERED):
                await self._passable(connection)
        except TimeoutError:
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target, limit=_CHUNK)
        try:
            ways = [
                asyncio.create_task(self._pump_requests(connection, reader, far_writer, writer)),
                asyncio.create_task(self._pump(connection, far_reader, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            far_writer.close()

    async def _pump(self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            await self._pass(connection, data, writer)

    async def _pass(self, connection: _Connection, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self._delays:
            await self._passable(connection)
            await asyncio.sleep(self._delay(connection) or 0)
        writer.write(data)
        await writer.drain()

    async def _pump_requests(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
    ) -> None:
        """Pass requests on, frame by frame. `back` leads to whoever asks, and is broken if a request is to come
        late."""
        frames = Frames()
        while data := await reader.read(_CHUNK):
            for frame in frames.whole(data):
                request = request_in(frame)
                if self._late.takes(request):
                    back.transport.abort()
                    await self._late.due()
                    writer.write(frame)
                    await asyncio.sleep(_ANSWERED)
                    return
                await self._late.let_pass(request)
                await self._pass(connection, frame, writer)
                self._late.passed(request)

    async def _passable(self, connection: _Connection) -> None:
        """Bytes on a cut line are neither lost nor refused: they wait, as in TCP."""
        while self._delays:
            if connection.link is None:
                await self._looked_up()
            elif self._delay(connection) is None:
                await self._changed.wait()
            else:
                return

    def _tell_all(self) -> None:
        """Tell whoever waits that lines have changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _delay(self, connection: _Connection) -> float | None:
        """Seconds; None: the line is cut."""
        return self._delays.get(connection.link or frozenset(), 0)

    async def _looked_up(self) -> None:
        """One look for all that dial at that time: one look each would leave no time for forwarding."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_soon())
        await asyncio.shield(self._look)

    async def _look_soon(self) -> None:
        """Only while something is wrong with a line: a look costs more than forwarding. In a thread: the kernel takes a
        tenth of a second to list thousands of connections, in which no follower would get a record."""
        await asyncio.sleep(_TOGETHER)
        unknown = [connection for connection in self._connections if connection.link is None]
        ends = [connection.ends for connection in unknown]
        found = await asyncio.to_thread(_found, ends, dict(self._pids))
        for connection in unknown:
            connection.link = frozenset((connection.name, found.get(connection.ends, "anybody")))


def _found(ends: list[Ends], pids: Mapping[str, int]) -> dict[Ends, str]:
    found: dict[Ends, str] = {}
    for _ in range(_LOOKS):
        found |= holders([each for each in ends if each not in found], pids)
    return found


async def main() -> None:
    """Obey until standard input ends."""
    relay, loop = Relay(), asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        sys.stdout.write(json.dumps(await relay.obey(json.loads(line))) + "\n")
        sys.stdout.flush()
    os._exit(0)  # nobody needs the connections any more


if __name__ == "__main__":
    asyncio.run(main())
