"""A bar for each step of what takes long."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from commands.terminal.output import messages


class Steps:
    """A bar for each step, the last one under way."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def begin(self, step: str, total: int | None = None) -> None:
        """The next step."""
        self._end()
        self._task = self._bars.add_task(step, total=total)

    def advance(self, records: int) -> None:
        """So many more records."""
        if self._task is not None:
            self._bars.advance(self._task, records)

    def _end(self) -> None:
        if self._task is not None:
            done = self._bars.tasks[self._task].completed
            self._bars.update(self._task, total=done or 1, completed=done or 1)


@contextmanager
def step_bars() -> Iterator[Steps]:
    """On stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages()) as bars:
        yield Steps(bars)
