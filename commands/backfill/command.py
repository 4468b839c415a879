"""`bridge backfill`: store NewStore's S3 export files as if their lines had come by webhook."""

import gc
import time
from typing import Annotated

import typer

from bridge.printable import say
from bridge.refusals import UnreadableFile
from bridge.settings import Settings, load_settings
from commands.backfill import view as backfill_view
from commands.backfill.export_file import EXPORT_NAMES, ExportFile, files_of
from commands.backfill.progress import Progress
from commands.backfill.run import SLICES_A_SECOND, Backfill, known_progress, rehearse
from commands.backfill.slices import Slicer
from commands.backfill.tally import Tally
from commands.backfill.view import reading, show_plan
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, confirm, console, fail, messages, print_json
from commands.terminal.progress import progress
from commands.terminal.running import run


@examples(
    "bridge backfill --dry-run export",
    "bridge backfill --rate 500 export",
    "zcat old.export.gz | bridge backfill --yes -",
)
def backfill(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help=f"One event a line, also as gzip; of a directory its {EXPORT_NAMES}; -: stdin."
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of the lines; asks no Kafka.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="From the start, even of what is stored.")] = False,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Lines a second. Default: no limit.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Store the lines of NewStore's export files. If the command is killed, run it again: it goes on.

    Lines that are no event of this tenant go to quarantine, with file and line.
    """
    settings = load_settings()
    # With slices of many small objects, the default thresholds would collect all the time and find nothing.
    gc.set_threshold(200_000, 20, 20)
    tally = Tally()
    most = settings.chunk_records if rate is None else min(rate / SLICES_A_SECOND, settings.chunk_records)
    slicer = Slicer(settings, max(1, int(most)), tally)
    exports = _examined(files)
    if not dry_run:
        _agree(settings, exports, again=again, yes=yes)
    began = time.monotonic()
    with reading(exports) as on_read:
        if dry_run:
            unreadable = rehearse(exports, slicer, on_read)
        else:
            unreadable = run(settings, Backfill(exports, slicer, again, rate, on_read).store(settings))
    took_s = time.monotonic() - began
    if output is Format.JSON:
        print_json(backfill_view.document(tally, took_s))
    else:
        backfill_view.show(console(), tally, took_s)
    if unreadable:
        fail(*unreadable)


def _examined(named: list[str]) -> list[ExportFile]:
    try:
        files = [file for name in named for file in _told_files_of(name)]
        with progress("Looking at the files"):
            return [ExportFile.examine(file) for file in files]
    except UnreadableFile as error:
        fail(str(error))


def _told_files_of(name: str) -> list[str]:
    files, others = files_of(name)
    if others:
        say(f"{name}: {others:,} more that are no file {EXPORT_NAMES}")
    return files


def _agree(settings: Settings, exports: list[ExportFile], *, again: bool, yes: bool) -> None:
    known: dict[str, Progress] = run(settings, known_progress(settings))
    servers = ", ".join(settings.kafka_bootstrap_servers)
    show_plan(messages(), exports, {} if again else known, f"{settings.topics.raw} at {servers}")
    confirm("bridge backfill", yes=yes)
