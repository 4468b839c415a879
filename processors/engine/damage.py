"""Finds damage of a table's directory that RocksDB or rocksdict hides or does not call by its name. Otherwise rows
would be missing without a word, or be asked for without end."""

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

import rocksdict

from processors.engine.errors import TableDamagedError, TableError
from processors.engine.write_ahead import check_logs

_OF_ROWS: Final = ("*.log", "*.sst")
"""Files that hold rows. A process that ends while it makes a directory leaves a manifest without them."""


class _Located(Protocol):
    path: Path


_Table = TypeVar("_Table", bound=_Located)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def check_files(directory: Path) -> None:
    """TableError: RocksDB would open the directory without rows that it had, or never come back.

    Without CURRENT, which leads to the list of files that count, it would make a new list beside the files with rows,
    and from the second opening on read the log alone.
    """
    if not (directory / "CURRENT").exists() and any(each for pattern in _OF_ROWS for each in directory.glob(pattern)):
        raise TableError("CURRENT is missing beside files of rows, as after a copy or a removal that did not end")
    check_logs(directory)


def rows_from(database: rocksdict.Rdict, key: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Rows in the order of their keys, from ``key`` on. Exception: the next row cannot be read; rocksdict's own
    ``items`` would end there as if there were no more."""
    rows = database.iter()
    try:
        rows.seek(key)
        while (found := rows.key()) is not None:
            yield found, rows.value()
            rows.next()
        rows.status()
    finally:
        del rows  # it has the directory's lock; whoever keeps the error would keep the lock


def last_key(database: rocksdict.Rdict, bound: bytes) -> bytes | None:
    """The last key not behind ``bound``; None: there is none. Exception: it cannot be read."""
    rows = database.iter()
    try:
        rows.seek_for_prev(bound)
        found: bytes | None = rows.key()
        rows.status()
    finally:
        del rows
    return found


def telling_damage(method: Callable[Concatenate[_Table, _P], _R]) -> Callable[Concatenate[_Table, _P], _R]:
    """Wrap a table's method. TableDamagedError: RocksDB says that what it has read is not what was written."""

    @wraps(method)
    def told(table: _Table, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(table, *args, **kwargs)
        except Exception as error:
            if not str(error).startswith("Corruption: "):
                raise
            what = f"{table.path} is damaged ({error})"
            raise TableDamagedError(
                f"{what}: with the worker stopped, move it away, and it is read again from the changelog: "
                "docs/engine.md#when-a-lane-halts"
            ) from error

    return told
