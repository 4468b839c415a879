"""Goes through export files: stores their lines, or only counts what would become of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Final, NoReturn

from aiokafka.errors import KafkaError, ProducerFenced

from bridge.ending import stop_signal
from bridge.refusals import UnreadableFile
from bridge.rules.topic import check_rules
from bridge.settings import Settings
from commands.backfill.export_file import ExportFile, Reading
from commands.backfill.progress import START, Progress, recorded_progress
from commands.backfill.slices import Slice, Slicer
from commands.backfill.writer import BackfillWriter, backfill_writer
from commands.terminal.output import fail, messages
from commands.terminal.running import require_topics

SLICES_A_SECOND: Final = 4
"""With a rate, at least this many, for an even stream to the workers."""

OnRead = Callable[[ExportFile, int | None], None]
"""Gets how many bytes of a file were read; None: unknown."""


class Pace:
    """Limits lines to an average rate per second from `began` on; no `rate`: no limit. Time, in seconds, is a
    parameter."""

    def __init__(self, rate: float | None, began: float) -> None:
        self._rate = rate
        self._began = began
        self._lines = 0

    def count(self, lines: int) -> None:
        """Count lines that are done."""
        self._lines += lines

    def wait(self, now: float) -> float:
        """Seconds that the next line has to wait."""
        if self._rate is None:
            return 0.0
        return max(0.0, self._began + self._lines / self._rate - now)


async def known_progress(settings: Settings) -> dict[str, Progress]:
    """The progress of each file, by identity; exits 2 unless topics are as they must be. Exceptions of
    `bridge.rules.rules`: other rules are in force."""
    await require_topics(settings)
    await check_rules(settings)
    return await recorded_progress(settings)


def rehearse(exports: Sequence[ExportFile], slicer: Slicer, on_read: OnRead) -> list[str]:
    """Go through all files from their start; write nothing. Returns a sentence for each file not readable to its
    end."""
    unreadable = []
    for export in exports:
        try:
            with Reading(export) as reading:
                for _ in slicer.slices(export, reading, START):
                    on_read(export, reading.bytes_read)
        except UnreadableFile as error:
            unreadable.append(str(error))
    return unreadable


@dataclass(frozen=True, slots=True)
class Backfill:
    """A run over some files. `again`: from their start, even if they are stored; `rate`: lines a second."""

    exports: Sequence[ExportFile]
    slicer: Slicer
    again: bool
    rate: float | None
    on_read: OnRead

    async def store(self, settings: Settings) -> list[str]:
        """Store what is not stored yet, file by file. SIGTERM and Ctrl-C end it between two slices, with exit 2.

        Returns a sentence for each file that cannot be read to its end; the files after it are stored all the same.
        KafkaError: Kafka refuses, or does not answer.
        """
        stop = stop_signal()
        async with backfill_writer(settings) as writer:
            known = {} if self.again else await recorded_progress(settings)
            way = _Way(writer, Pace(self.rate, asyncio.get_running_loop().time()), stop)
            for export in self.exports:
                place = export.identity or export.name
                known[place] = await self._store(export, known.get(place, START), way)
        return way.unreadable

    async def _store(self, export: ExportFile, done: Progress, way: "_Way") -> Progress:
        if done.finished:
            self.on_read(export, export.size)
            return done
        try:
            async with aclosing(self._prepared(export, done)) as parts:
                async for part, bytes_read in parts:
                    if await way.is_closed():
                        fail(f"Stopped: {_stored(export, done)}")
                    await way.writer.write(export, part)
                    way.pace.count(part.progress.lines - done.lines)
                    done = part.progress
                    self.on_read(export, bytes_read)
        except UnreadableFile as error:
            way.unreadable.append(str(error))
        except (KafkaError, OSError) as error:
            _give_up(error, export, done)
        return done

    async def _prepared(self, export: ExportFile, start: Progress) -> AsyncGenerator[tuple[Slice, int | None], None]:
        """The slices behind `start`, each with the bytes read so far. While one is written, a thread makes the next."""
        with Reading(export) as reading:
            parts = self.slicer.slices(export, reading, start)
            upcoming = _next(parts)
            try:
                while (part := await upcoming) is not None:
                    upcoming = _next(parts)
                    yield part, reading.bytes_read
            finally:
                await asyncio.gather(upcoming, return_exceptions=True)  # its thread reads the file that is closed next


def _next(parts: Iterator[Slice]) -> asyncio.Task[Slice | None]:
    return asyncio.create_task(asyncio.to_thread(next, parts, None))


@dataclass(frozen=True, slots=True)
class _Way:
    writer: BackfillWriter
    pace: Pace
    stop: asyncio.Event
    unreadable: list[str] = field(default_factory=list)

    async def is_closed(self) -> bool:
        """Wait until the next slice may go; True: stop instead."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pace.wait(asyncio.get_running_loop().time())):
                await self.stop.wait()
        return self.stop.is_set()


def _give_up(error: Exception, export: ExportFile, done: Progress) -> NoReturn:
    if isinstance(error, ProducerFenced):
        fail(f"Another `bridge backfill` has begun: run this one again when it is through; {_stored(export, done)}")
    messages().print(_stored(export, done))
    raise error


def _stored(export: ExportFile, done: Progress) -> str:
    lines = f"{done.lines:,} lines of {export.name} are stored"
    return f"{lines}." if export.identity is None else f"{lines}, the same command goes on behind them."
