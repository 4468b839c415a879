"""What was done to a site and when, beside the logs of its services."""

from datetime import UTC, datetime
from pathlib import Path


class Diary:
    """Lines of a file, each with its UTC time, as the services' logs have it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, text: str) -> None:
        """Write the text with the present time."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._path.open("a") as file:
            file.write(f"{at} {text}\n")
