"""Cuts a file into slices, each of which one transaction stores."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from multidict import CIMultiDict

from bridge.intake import Intake, NewRecord
from bridge.refusals import UnreadableFile
from bridge.settings import Settings
from commands.backfill.export_file import ExportFile, Line, Reading
from commands.backfill.progress import Progress
from commands.backfill.tally import Tally
from commands.terminal.typed import now_ms
from schemas.acceptance import BACKFILL
from schemas.headers import ERROR_FILE, ERROR_LINE

_NO_HEADERS: Final[CIMultiDict[str]] = CIMultiDict()


@dataclass(frozen=True, slots=True)
class Slice:
    """Records to store together, and the file's progress with them."""

    progress: Progress
    records: list[NewRecord] = field(default_factory=list)


class Slicer:
    """Applies acceptance to lines, as the ingress does to webhooks, and counts the results."""

    def __init__(self, settings: Settings, lines: int, tally: Tally) -> None:
        """A slice has at most `lines` lines, and bodies of about `settings.chunk_bytes`."""
        self._intake = Intake(settings, BACKFILL)
        self._limit = settings.ingress_max_body_bytes
        self._lines = lines
        self._bytes = settings.chunk_bytes
        self._tally = tally

    def slices(self, export: ExportFile, reading: Reading, start: Progress) -> Iterator[Slice]:
        """The rest of a file behind `start`; the last slice marks it as finished.

        UnreadableFile: the file is damaged, after its readable lines were returned; or it has changed since it was
        examined.
        """
        for part in self._cut(export, reading, start):
            reading.require_unchanged()  # its progress is recorded under the identity that was examined
            yield part

    def _cut(self, export: ExportFile, reading: Reading, start: Progress) -> Iterator[Slice]:
        first, size, records, progress = start.lines, 0, list[NewRecord](), start
        try:
            for line in reading.lines(self._limit, start):
                record = self._record(export.name, line)
                self._tally.add(export.name, line, record)
                if record is not None:
                    records.append(record)
                    size += len(record.value)
                progress = Progress(line.number, line.end)
                if line.number - first >= self._lines or size >= self._bytes:
                    yield Slice(progress, records)
                    first, size, records = line.number, 0, []
        except UnreadableFile:
            yield Slice(progress, records)
            raise
        yield Slice(Progress(progress.lines, progress.bytes, finished=True), records)

    def _record(self, file: str, line: Line) -> NewRecord | None:
        if line.is_no_delivery:
            return None
        received_at_ms = now_ms()
        if line.size > self._limit:
            record = self._intake.stub(line.body, line.size, _NO_HEADERS, received_at_ms)
        else:
            record = self._intake.record(line.body, _NO_HEADERS, received_at_ms)
        if record.event is None:
            record.headers.append((ERROR_FILE, file.encode(errors="backslashreplace")))
            record.headers.append((ERROR_LINE, b"%d" % line.number))
        return record
