"""Counts of what became of the lines."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from bridge.intake import NewRecord
from bridge.metrics.service import event_label
from commands.backfill.export_file import Line
from schemas.headers import ERROR_EXCEPTION, ERROR_REASON

EXAMPLES: Final = 10
"""Bad lines that are kept."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no event of this tenant. `detail`: more than the reason, or empty."""

    file: str
    line: int
    reason: str
    detail: str


@dataclass(slots=True)
class Tally:
    """Counts of lines: `events` by name, `quarantined` by reason; `examples`: the first bad lines."""

    lines: int = 0
    skipped: int = 0
    events: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    examples: list[BadLine] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Events for raw."""
        return self.events.total()

    def add(self, file: str, line: Line, record: NewRecord | None) -> None:
        """Count a line. `record` None: the line is skipped."""
        self.lines += 1
        if record is None:
            self.skipped += 1
        elif record.event is not None:
            self.events[event_label(record.event)] += 1
        else:
            self._add_bad(file, line, dict(record.headers))

    def _add_bad(self, file: str, line: Line, headers: dict[str, bytes]) -> None:
        reason = headers[ERROR_REASON].decode()
        self.quarantined[reason] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(BadLine(file, line.number, reason, headers.get(ERROR_EXCEPTION, b"").decode()))
