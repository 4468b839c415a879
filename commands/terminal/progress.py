"""Progress of long work: at a terminal one changing line, elsewhere a line now and then.

Otherwise a command in a pipe, a log or `kubectl exec` without `-t` would seem to hang.
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
"""Gets how many more records were read or written."""


class Progress(Protocol):
    """Shows how far the work is."""

    def update(self, status: str) -> None:
        """Show this from now on."""


class _Spoken:
    """Repeats the last status every few seconds, in a thread: some work blocks the event loop."""

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
    """Show on stderr what is being done, while the block lasts."""
    where = messages()
    shown = where.status(what) if where.is_interactive else _Spoken(what)
    with shown as told:
        yield told


@contextmanager
def counted_progress(what: str, of: str = "records", *, before: str = "") -> Iterator[OnProgress]:
    """The same with a count, as `Reading: 7 records`. `before`: shown until there is a first one."""
    count = 0

    def on_progress(more: int) -> None:
        nonlocal count
        count += more
        told.update(f"{what}: {count:,} {of}")

    with progress(before or what) as told:
        yield on_progress
