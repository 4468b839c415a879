"""The steps of what takes long, told as other progress is."""

from collections.abc import Iterator
from contextlib import contextmanager

from commands.terminal.progress import Progress, progress


class Steps:
    """Tells of the step that is under way."""

    def __init__(self, told: Progress) -> None:
        self._told = told
        self._step, self._done, self._of = "", 0, ""

    def begin(self, step: str, total: int | None = None) -> None:
        """The next step."""
        self._step, self._done, self._of = step, 0, "" if total is None else f" of {total:,}"
        self._told.update(step)

    def advance(self, records: int) -> None:
        """So many more records."""
        self._done += records
        self._told.update(f"{self._step}: {self._done:,}{self._of} records")


@contextmanager
def told_steps() -> Iterator[Steps]:
    """On stderr, while the block lasts."""
    with progress("Beginning") as told:
        yield Steps(told)
