"""A table goes through units, kills between any two writes, recoveries in batches of any size, compaction and old
copies of its directory. It always has what its changelog says, and never takes that for another one."""

import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from processors.engine import store
from processors.engine.changelog import Changelog, check_table
from processors.engine.position import Position
from processors.engine.store import BARRIER, POSITION, TablePartition
from tests.unit.processors.engine.records import record

pytestmark = pytest.mark.thorough

_KEYS = [b"%c" % letter for letter in b"abcdefgh"]
_SIZES = (3, 20, 60)
_STEPS = 40


@pytest.fixture(autouse=True)
def _small_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WRITE_BYTES", 40)  # most units take several writes


class _KilledError(Exception):
    """Raised where the process would be killed."""


class _Doomed:
    """A database that fails after ``writes`` writes."""

    def __init__(self, database: Any, writes: int) -> None:
        self.database, self._left = database, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    def write(self, batch: Any) -> None:
        if not self._left:
            raise _KilledError
        self._left -= 1
        self.database.write(batch)


class _Life:
    """``rows``: what the table must hold; ``log``: offsets, keys and values in its changelog, up to ``end``."""

    def __init__(self, directory: Path, rng: random.Random) -> None:
        self._path, self._copy, self._rng = directory / "0", directory / "copy", rng
        self.rows: dict[bytes, bytes | None] = {}
        self.next = 0
        self._log: list[tuple[int, bytes, bytes | None]] = []
        self._end = 0
        self.table = self._recovered()

    def step(self) -> None:
        """Something happens."""
        chance = self._rng.random()
        if chance < 0.6:
            self._unit()
            return
        if chance < 0.75:
            self._compact()
        self.table.close()
        if chance > 0.95:
            shutil.rmtree(self._path)
        elif chance > 0.88 and self._copy.exists():
            shutil.rmtree(self._path)
            shutil.copytree(self._copy, self._path)
        elif chance > 0.75:
            shutil.rmtree(self._copy, ignore_errors=True)
            shutil.copytree(self._path, self._copy)
        self.table = self._recovered()

    def _unit(self) -> None:
        """Commit a unit of records, or of a tick, which does not move the position."""
        changes = {self._rng.choice(_KEYS): self._value() for _ in range(self._rng.randrange(1, 8))}
        self.rows |= changes
        if self._rng.random() < 0.6:
            self.next += 1
            changes[POSITION] = Position(self.next).encode()
        last = self._append(changes)
        try:
            self._apply(self.table, changes, last, doomed=self._rng.random() < 0.3)
        except _KilledError:
            self.table.close()
            self.table = self._recovered()

    def _value(self) -> bytes | None:
        return None if self._rng.random() < 0.35 else self._rng.randbytes(self._rng.choice(_SIZES))

    def _append(self, changes: Mapping[bytes, bytes | None]) -> int:
        """Append the changes, and a marker. Returns the last change's offset."""
        for key, value in changes.items():
            self._log.append((self._end, key, value))
            self._end += 1
        self._end += 1
        return self._end - 2

    def _compact(self) -> None:
        """Compact the log up to some place: only each key's last record stays."""
        place, last = self._rng.randrange(self._end), {key: offset for offset, key, _ in self._log}
        self._log = [each for each in self._log if each[0] >= place or last[each[1]] == each[0]]

    def _apply(self, table: TablePartition, rows: Mapping[bytes, bytes | None], offset: int, *, doomed: bool) -> None:
        """_KilledError: the process was killed between two writes."""
        database = table._db
        if doomed:
            table._db = _Doomed(database, self._rng.randrange(5))
        try:
            table.apply(rows.items(), offset)
        finally:
            table._db = database

    def _recovered(self) -> TablePartition:
        while True:
            table = TablePartition(self._path)
            check_table(table, "cluster/topic", self._end)
            try:
                self._read(table, self._append({BARRIER: None}) + 1)
            except _KilledError:
                table.close()
            else:
                return table

    def _read(self, table: TablePartition, end: int) -> None:
        """Read the changelog as `recovery.py` does, in batches that end anywhere."""
        changelog = Changelog(table, 0, end)
        for batch in self._batches(changelog.start):
            rows = {each.key: each.value for each in changelog.unknown(batch) if each.key != BARRIER}
            self._apply(table, rows, batch[-1].offset, doomed=self._rng.random() < 0.1)

    def _batches(self, start: int) -> Iterator[list[Any]]:
        left = [record(offset, value, key) for offset, key, value in self._log if offset >= start]
        while left:
            size = self._rng.randrange(1, 9)
            yield left[:size]
            left = left[size:]


@pytest.mark.parametrize("seed", range(20))
def test_a_table_is_what_its_changelog_says_whatever_happened(tmp_path: Path, seed: int) -> None:
    life = _Life(tmp_path, random.Random(seed))
    for _ in range(_STEPS):
        life.step()
        assert {key: life.table.get(key) for key in _KEYS} == {key: life.rows.get(key) for key in _KEYS}
        assert (life.table.position or Position(0)).next == life.next
    life.table.close()
