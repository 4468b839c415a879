"""Bodies that cost too much for the event loop are parsed in a process of their own.

A thread would not do: the parsers keep the GIL from a body's beginning to its end.
"""

import asyncio
import contextlib
import os
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from typing import Final, cast

from bridge.intake import Question
from bridge.log import get_logger
from ingress import parser_process
from ingress.answers import Unavailable
from ingress.causes import DeliveryCause
from ingress.parser_process import ANSWER, REQUEST, pack, unpack
from schemas.acceptance import Accepted, Quarantined
from schemas.json_structure import structure_of

CHEAP_BYTES: Final = 32 * 1024
"""A body up to this size is parsed in 10 ms, whatever it holds; nearly all events are smaller."""
MOST_BYTES: Final = 256 * 1024
MOST_STRUCTURE: Final = 16 * 1024
"""This many brackets, colons and commas take some 10 ms, too; an order of 100 lines has half of them."""
IDLE_S: Final = 20.0

log = get_logger(__name__)


def is_costly(body: bytes) -> bool:
    """Whether parsing the body may take the event loop more than some 10 ms, or many times the body's memory."""
    return len(body) > CHEAP_BYTES and (len(body) > MOST_BYTES or structure_of(body) > MOST_STRUCTURE)


class Parser:
    """Parses one body at a time. The process starts for the first one, and ends when none came for a while: that gives
    back all that the largest one took."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def ask(self, question: Question, body: bytes) -> Accepted | Quarantined:
        """The answer to a question about a body. Unavailable: the process ended without one."""
        async with self._turn:
            if self._idle:
                self._idle.cancel()
            if self._process and cast("StreamWriter", self._process.stdin).is_closing():
                self._end()  # it has ended while nobody asked
            process = self._process = self._process or await _start()
            try:
                answer = await _exchange(process, question, body)
            except BaseException as error:
                self._end()  # its answer would be taken for that to the next question
                if not isinstance(error, asyncio.IncompleteReadError | OSError):
                    raise
                log.error("the parser has ended", error=type(error).__name__, bytes=len(body))  # noqa: TRY400
                raise Unavailable("the parser has ended", DeliveryCause.PARSER) from None
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end)
        return answer._replace(value=body)

    async def close(self) -> None:
        """End the process, if there is one, and wait for its end."""
        self._end()
        await asyncio.gather(*self._ending)

    def _end(self) -> None:
        """End the process; the next body gets a new one."""
        if self._idle:
            self._idle.cancel()
        process, self._process = self._process, None
        if process:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                process.kill()
            ending = asyncio.create_task(process.wait())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)


async def _start() -> Process:
    # Modules come from where this process has its own: `-m` alone would look in the working directory first.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = (sys.executable, "-P", "-m", parser_process.__name__)
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=env)


async def _exchange(process: Process, question: Question, body: bytes) -> Accepted | Quarantined:
    asking, answering = cast("StreamWriter", process.stdin), cast("StreamReader", process.stdout)
    asked = pack(question)
    asking.write(REQUEST.pack(len(asked), len(body)) + asked)
    asking.write(body)
    await asking.drain()
    (size,) = ANSWER.unpack(await answering.readexactly(ANSWER.size))
    answer: Accepted | Quarantined = unpack(await answering.readexactly(size))
    return answer
