"""How far something is that takes long: at a terminal that can in a line that moves, elsewhere in one now and then.

A command in a pipe, a log or `kubectl exec` without `-t` is not to look as if it hung.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final, Protocol

from bridge.printable import say
from commands.terminal.output import messages

FIRST_AFTER_S: Final = 3.0
EVERY_S: Final = 10.0

OnProgress = Callable[[int], None]
"""Told how many records more have been read or written."""


class Progress(Protocol):
    """Told how far it is."""

    def update(self, status: str) -> None:
        """What is said from now on."""


class _Spoken:
    """Says what it was told last, after a while and then again and again. A thread: some work leaves no loop free."""

    def __init__(self, what: str) -> None:
        self._what, self._over = what, Event()
        self._thread = Thread(target=self._speak, daemon=True)

    def __enter__(self) -> "_Spoken":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def update(self, status: str) -> None:
        self._what = status

    def _speak(self) -> None:
        wait_s = FIRST_AFTER_S
        while not self._over.wait(wait_s):
            say(f"{self._what} …")
            wait_s = EVERY_S


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Say on stderr what is going on while the block lasts."""
    where = messages()
    shown = where.status(what) if where.is_interactive else _Spoken(what)
    with shown as told:
        yield told


@contextmanager
def counted_progress(what: str, of: str = "records", *, before: str = "") -> Iterator[OnProgress]:
    """The same, with how many there are so far, as `Reading: 7 records`; `before`: said until there is a first one."""
    count = 0

    def on_progress(more: int) -> None:
        nonlocal count
        count += more
        told.update(f"{what}: {count:,} {of}")

    with progress(before or what) as told:
        yield on_progress
