"""A backfill's plan and report as text and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from rich.filesize import decimal

from commands.backfill.export_file import ExportFile
from commands.backfill.progress import START, Progress
from commands.backfill.run import OnRead
from commands.backfill.tally import Tally
from commands.terminal.columns import Column
from commands.terminal.lists import print_table
from commands.terminal.output import InertConsole
from commands.terminal.progress import progress
from commands.terminal.tables import pairs

_SHOWN: Final = 20
"""Files that a plan lists; a year may have a hundred thousand."""


_PLAN: Final = (Column("file"), Column("size", rank=1, right=True), Column("begins", least=20))
_BAD_LINES: Final = (Column("line"), Column("reason"), Column("detail", least=8, rank=1))


@contextmanager
def reading(exports: Sequence[ExportFile]) -> Iterator[OnRead]:
    """Show progress while the block lasts, in bytes of the files as they are. The block calls the value with what it
    has read."""
    sizes = [export.size for export in exports if export.size is not None]
    every = f" of {decimal(sum(sizes))}" if len(sizes) == len(exports) else ""
    read, together = Counter[str](), 0
    with progress("Backfill") as told:

        def on_read(export: ExportFile, count: int | None) -> None:
            nonlocal together
            if count is not None:
                before = read[export.name]
                together += count - before if count >= before else count  # fewer: the same file is given again
                read[export.name] = count
                told.update(f"Backfill: {decimal(together)}{every} read")

        yield on_read


def show_plan(console: InertConsole, exports: Sequence[ExportFile], known: Mapping[str, Progress], where: str) -> None:
    """Print which files begin where, and the target."""
    rows = [_planned(export, known.get(export.identity or "", START)) for export in exports[:_SHOWN]]
    print_table(console, _PLAN, rows)
    if len(exports) > _SHOWN:
        console.print(f"and {len(exports) - _SHOWN:,} more files")
    console.print(f"into {where}")


def _planned(export: ExportFile, done: Progress) -> tuple[str, str, str]:
    return export.name, "" if export.size is None else decimal(export.size), _beginning(export, done)


def _beginning(export: ExportFile, done: Progress) -> str:
    if export.identity is None:
        return "standard input, which cannot be resumed after a kill"
    if done.finished:
        return f"all {done.lines:,} lines are stored; --again stores them again"
    return f"goes on behind line {done.lines:,}" if done.lines else "from its start"


def document(tally: Tally, took_s: float) -> dict[str, Any]:
    """The run as `-o json` prints it, without lines that an earlier run stored."""
    return {
        "lines": tally.lines,
        "accepted": tally.accepted,
        "skipped": tally.skipped,
        "quarantined": dict(sorted(tally.quarantined.items())),
        "events": dict(sorted(tally.events.items())),
        "bad_lines": [asdict(bad) for bad in tally.examples],
        "seconds": round(took_s, 3),
        "per_second": round(tally.lines / took_s, 1),
    }


def show(console: InertConsole, tally: Tally, took_s: float) -> None:
    """Print the counts, then the first bad lines."""
    rows = pairs(numbers=True)
    rows.add_row("lines", f"{tally.lines:,}", style="bold")
    rows.add_row("  accepted", f"{tally.accepted:,}")
    rows.add_row("  skipped (blank or temp)", f"{tally.skipped:,}")
    for reason, count in sorted(tally.quarantined.items()):
        rows.add_row(f"  quarantined, {reason}", f"{count:,}")
    rows.add_row("lines a second", f"{tally.lines / took_s:,.0f}")
    console.print(rows)
    if tally.examples:
        console.print()
        bad_lines = [(f"{bad.file}:{bad.line}", bad.reason, bad.detail) for bad in tally.examples]
        print_table(console, _BAD_LINES, bad_lines)
