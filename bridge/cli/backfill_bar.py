"""A bar that moves while export files are gone through, on a terminal only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from bridge.backfill.export_file import ExportFile
from bridge.cli.backfill_run import OnRead
from bridge.cli.output import messages


@contextmanager
def moving_bar(exports: Sequence[ExportFile]) -> Iterator[OnRead]:
    """The bar while the block lasts, in bytes of the files as they are; give its value what has been read."""
    where = messages()
    sizes = [export.size for export in exports if export.size is not None]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=where, disable=not where.is_terminal, transient=True) as progress:
        task = progress.add_task("Backfill", total=sum(sizes) if len(sizes) == len(exports) else None)
        read: Counter[str] = Counter()

        def on_read(export: ExportFile, count: int | None) -> None:
            if count is not None:
                progress.advance(task, count - read[export.name])
                read[export.name] = count

        yield on_read
