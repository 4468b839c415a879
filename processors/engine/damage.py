"""Damage of a table's directory that RocksDB does not tell: rows would be missing without a word."""

from pathlib import Path
from typing import Final

from processors.engine.errors import TableError

_OF_ROWS: Final = ("*.log", "*.sst")
"""Names of files that hold rows. A manifest alone is left by a process that ended while it made the directory."""


def check_complete(directory: Path) -> None:
    """TableError: there are files with rows, and no CURRENT, which leads to the list of those that count. RocksDB would
    make a new list beside them, and from the second time on read the log alone."""
    if not (directory / "CURRENT").exists() and any(each for pattern in _OF_ROWS for each in directory.glob(pattern)):
        raise TableError("CURRENT is missing beside files of rows, as after a copy or a removal that did not end")
