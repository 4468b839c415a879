"""Callers who mean harm: each attack goes on until its process is ended. ``python -m …attackers NAME PORT``.

An attack is a coroutine of one caller and how many of them there are; a caller that is sent away comes again.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import uvloop

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Caller = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_AGAIN_S = 0.05
_HEAD = b"POST /webhooks/newstore HTTP/1.1\r\nHost: bridge\r\n"
_METRICS = b"GET /metrics HTTP/1.1\r\nHost: bridge\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    """What so many callers do at a time, to the port of which service."""

    callers: int
    call: Caller
    service: Literal["ingress", "worker"] = "ingress"


async def leave_a_head_unfinished(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte a second of a head that never ends."""
    writer.write(_HEAD + b"X: ")
    while not reader.at_eof():
        writer.write(b"x")
        await _wait_for_the_end(reader, seconds=1.0)


async def send_large_heads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Eight megabytes of headers, each of a length that is allowed, and no end of them."""
    writer.write(_HEAD)
    for number in range(124):
        writer.write(b"X-%d: " % number + b"x" * 65_000 + b"\r\n")
        await writer.drain()
    await _wait_for_the_end(reader, seconds=60.0)


async def hide_behind_a_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A whole request and most of a large head in one piece."""
    writer.write(
        b"GET /livez HTTP/1.1\r\nHost: bridge\r\n\r\n" + _HEAD + b"X: " + b"x" * 64_000 + b"\r\nY: " + b"y" * 50_000
    )
    await _wait_for_the_end(reader, seconds=60.0)


async def never_read(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask again and again, as long as somebody takes it."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    while True:
        writer.write(_METRICS * 100)
        await writer.drain()
        await asyncio.sleep(0)


async def pipeline(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A thousand questions in one piece, and all answers read."""
    while True:
        writer.write(_METRICS * 1000)
        for _ in range(1000):
            await _read_answer(reader)


async def hammer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One question after the other."""
    while True:
        writer.write(_METRICS)
        await _read_answer(reader)


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """No HTTP, and more of it."""
    writer.write(b"\x16\x03\x01 no http" * 100)
    await _wait_for_the_end(reader, seconds=60.0)


async def connect_only(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await _wait_for_the_end(reader, seconds=60.0)


ATTACKS = {
    "unfinished heads": Attack(500, leave_a_head_unfinished),
    "large heads": Attack(48, send_large_heads),
    "hidden heads": Attack(500, hide_behind_a_request),
    "never reading": Attack(300, never_read),
    "pipelined metrics": Attack(1, pipeline),
    "hammered metrics": Attack(100, hammer),
    "nonsense": Attack(100, talk_nonsense),
    "silent connections": Attack(4000, connect_only),
    "worker: unfinished heads": Attack(150, leave_a_head_unfinished, "worker"),
    "worker: large heads": Attack(48, send_large_heads, "worker"),
    "worker: never reading": Attack(300, never_read, "worker"),
}


async def _wait_for_the_end(reader: asyncio.StreamReader, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await reader.read()


async def _read_answer(reader: asyncio.StreamReader) -> None:
    lines = (await reader.readuntil(b"\r\n\r\n")).lower().splitlines()
    size = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
    await reader.readexactly(size)


async def _come_again(port: int, call: Caller) -> None:
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await call(reader, writer)
            finally:
                writer.transport.abort()
        await asyncio.sleep(_AGAIN_S)


async def _attack(name: str, port: int) -> None:
    attack = ATTACKS[name]
    await asyncio.gather(*(_come_again(port, attack.call) for _ in range(attack.callers)))


if __name__ == "__main__":
    uvloop.run(_attack(sys.argv[1], int(sys.argv[2])))
