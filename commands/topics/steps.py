"""Progress of a long command, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager

from commands.terminal.progress import Progress, progress


class Steps:
    """Tells which step is under way, and how far it is."""

    def __init__(self, told: Progress) -> None:
        self._told = told
        self._step, self._done, self._of = "", 0, ""

    def begin(self, step: str, total: int | None = None) -> None:
        """Begin the next step."""
        self._step, self._done, self._of = step, 0, "" if total is None else f" of {total:,}"
        self._told.update(step)

    def advance(self, records: int) -> None:
        """Count more records."""
        self._done += records
        self._told.update(f"{self._step}: {self._done:,}{self._of} records")


@contextmanager
def told_steps() -> Iterator[Steps]:
    """Show steps on stderr, while the block lasts."""
    with progress("Beginning") as told:
        yield Steps(told)
