"""What a migration tells about itself while it runs."""

from typing import Protocol


class Progress(Protocol):
    """Called on the event loop."""

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins, of so many records if that is known."""

    def advance(self, records: int) -> None:
        """So many more are done."""
