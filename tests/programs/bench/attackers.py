"""Callers who mean harm: each attack goes on until its process is ended. `python -m …attackers NAME PORT`.

An attack has a number of callers, each a coroutine. A caller that is sent away comes again.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import uvloop

from bridge.http.bounds import CHUNK_BYTES, FEW_CHUNKS

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Caller = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_AGAIN_S = 0.05
_HEAD = b"POST /webhooks/newstore HTTP/1.1\r\nHost: bridge\r\n"
_CHUNKED = _HEAD + b"Authorization: Bearer a-key\r\nTransfer-Encoding: chunked\r\n\r\n"
_KEYLESS = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_METRICS = b"GET /metrics HTTP/1.1\r\nHost: bridge\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    """What so many callers do at a time, and to the port of which service."""

    callers: int
    call: Caller
    service: Literal["ingress", "worker"] = "ingress"


async def leave_a_head_unfinished(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head that never ends, a byte a second."""
    writer.write(_HEAD + b"X: ")
    while not reader.at_eof():
        writer.write(b"x")
        await _wait_for_the_end(reader, seconds=1.0)


async def send_large_heads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Eight megabytes of headers without an end, each of a length that is allowed."""
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


async def trail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: a body of one byte, and eight megabytes behind it that nobody reads."""
    writer.write(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n")
    for number in range(124):
        writer.write(b"X-%d: " % number + b"x" * 65_000 + b"\r\n")
        await writer.drain()
    await _wait_for_the_end(reader, seconds=60.0)


async def never_read(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask as long as the service takes it, and read nothing."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    while True:
        writer.write(_METRICS * 100)
        await writer.drain()
        await asyncio.sleep(0)


async def pipeline(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A thousand questions in one piece; all answers are read."""
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


async def ask_for_no_host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: a host that is no name."""
    writer.write(b"GET http://xn--/ HTTP/1.1\r\nHost: bridge\r\n\r\n")
    await _wait_for_the_end(reader, seconds=60.0)


async def ask_for_slashes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: a path of 60 kB of slashes."""
    writer.write(b"GET %s HTTP/1.1\r\nHost: bridge\r\n\r\n" % (b"/" * 60_000))
    await _wait_for_the_end(reader, seconds=60.0)


async def send_cookies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: 30,000 cookies, none of them the console's."""
    writer.write(b"GET /console/ HTTP/1.1\r\nHost: bridge\r\nCookie: %s\r\n\r\n" % (b"a;" * 30_000))
    await _read_answer(reader)


async def owe_a_body_and_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: a large head and the first byte of a body; the caller leaves with the answer."""
    writer.write(_HEAD + b"Content-Length: 9000000\r\nX: " + b"x" * 60_000 + b"\r\n\r\nx")
    await _read_answer(reader)


async def rest_with_a_large_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: a request of 120 kB, then nothing."""
    writer.write(_HEAD + b"Content-Length: 0\r\nX: " + b"x" * 60_000 + b"\r\nY: " + b"y" * 60_000 + b"\r\n\r\n")
    await _read_answer(reader)
    await _wait_for_the_end(reader, seconds=60.0)


async def drip_a_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: a chunk of one byte a second."""
    writer.write(_CHUNKED)
    while not reader.at_eof():
        writer.write(b"1\r\n{\r\n")
        await _wait_for_the_end(reader, seconds=1.0)


async def break_off_a_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: 7 of 8 MB, then the caller leaves."""
    writer.write(_CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: 8000000"))
    for _ in range(7):
        writer.write(b"x" * 1_000_000)
        await writer.drain()


async def crumble_a_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: 200,000 chunks of one byte, as fast as they are taken."""
    await _send_chunked(reader, writer, _CHUNKED, b"1\r\n{\r\n" * 1000, 200)


async def crumble_without_a_key(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The same without a key: all that is read is read in vain."""
    await _send_chunked(reader, writer, _KEYLESS, b"1\r\n{\r\n" * 1000, 200)


async def crumble_as_much_as_is_taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: bodies of as many chunks of one byte as are allowed, one after the other."""
    while True:
        await _send_chunked(reader, writer, _CHUNKED, b"1\r\n{\r\n" * FEW_CHUNKS, 1)


async def send_small_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: a megabyte in the smallest chunks of which any number is taken."""
    chunk = b"%x\r\n%s\r\n" % (CHUNK_BYTES, b"x" * CHUNK_BYTES)
    await _send_chunked(reader, writer, _CHUNKED, chunk * 1000, 1_000 // CHUNK_BYTES)


async def extend_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: 1,000 chunks of one byte, each with an extension of 8 kB that nobody reads."""
    await _send_chunked(reader, writer, _CHUNKED, b"1;" + b"a" * 8_000 + b"\r\n{\r\n", 1000)


async def pipeline_crumbs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: 50 bodies at a time, in chunks of one byte."""
    while True:
        writer.write((_CHUNKED + b"1\r\n{\r\n" * 700 + b"0\r\n\r\n") * 50)
        for _ in range(50):
            await _read_answer(reader)


async def send_blank_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: a chunked body of blank lines, any of which may be its end."""
    lines = b"\r\n" * 50_000
    await _send_chunked(reader, writer, _KEYLESS, b"%x\r\n%s\r\n" % (len(lines), lines), 70)


async def send_single_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """With a key: a body of 50,000 bytes, each on its own."""
    writer.write(_CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: 50000"))
    for _ in range(50_000):
        writer.write(b"{")  # uvloop gathers what is written in one turn
        await asyncio.sleep(0)
    await _read_answer(reader)


async def send_many_fields(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Without a key: as many small headers as are read, again and again."""
    fields = b"".join(b"X-%d: y\r\n" % number for number in range(120))
    while True:
        writer.write(_HEAD + fields + b"Content-Length: 0\r\n\r\n")
        await _read_answer(reader)


ATTACKS = {
    "unfinished heads": Attack(500, leave_a_head_unfinished),
    "large heads": Attack(48, send_large_heads),
    "hidden heads": Attack(500, hide_behind_a_request),
    "trailers": Attack(48, trail),
    "never reading": Attack(300, never_read),
    "pipelined metrics": Attack(1, pipeline),
    "hammered metrics": Attack(100, hammer),
    "nonsense": Attack(100, talk_nonsense),
    "silent connections": Attack(4000, connect_only),
    "no host": Attack(100, ask_for_no_host),
    "slashes": Attack(100, ask_for_slashes),
    "owed bodies": Attack(100, owe_a_body_and_leave),
    "resting large heads": Attack(2000, rest_with_a_large_head),
    "dripping bodies": Attack(500, drip_a_body),
    "broken-off bodies": Attack(8, break_off_a_body),
    "crumbled bodies": Attack(8, crumble_a_body),
    "keyless crumbs": Attack(8, crumble_without_a_key),
    "allowed crumbs": Attack(8, crumble_as_much_as_is_taken),
    "small chunks": Attack(8, send_small_chunks),
    "chunk extensions": Attack(8, extend_chunks),
    "pipelined crumbs": Attack(8, pipeline_crumbs),
    "blank lines": Attack(8, send_blank_lines),
    "single bytes": Attack(8, send_single_bytes),
    "many fields": Attack(8, send_many_fields),
    "worker: unfinished heads": Attack(500, leave_a_head_unfinished, "worker"),
    "worker: large heads": Attack(48, send_large_heads, "worker"),
    "worker: no host": Attack(100, ask_for_no_host, "worker"),
    "worker: slashes": Attack(100, ask_for_slashes, "worker"),
    "worker: cookies": Attack(8, send_cookies, "worker"),
    "worker: owed bodies": Attack(100, owe_a_body_and_leave, "worker"),
    "worker: trailers": Attack(48, trail, "worker"),
    "worker: never reading": Attack(300, never_read, "worker"),
    "worker: pipelined metrics": Attack(1, pipeline, "worker"),
    "worker: keyless crumbs": Attack(8, crumble_without_a_key, "worker"),
    "worker: blank lines": Attack(8, send_blank_lines, "worker"),
    "worker: hammered metrics": Attack(100, hammer, "worker"),
}


async def _send_chunked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, chunks: bytes, times: int
) -> None:
    writer.write(head)
    for _ in range(times):
        writer.write(chunks)
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await _read_answer(reader)


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
