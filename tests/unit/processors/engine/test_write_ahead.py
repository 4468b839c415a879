"""Damage of a table's logs and manifest: the table opens within a moment or not at all, and no row is missing without
an error."""

import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.engine.errors import LaneHaltedError, TableError
from processors.engine.lane_tables import LaneTables
from processors.engine.store import TablePartition
from tests.unit.processors.engine.options import options_in

pytestmark = pytest.mark.thorough  # its tables are on a disk

_ROWS = [b"k/%05d" % number for number in range(900)]
_ROW = bytes(500)
_LARGE = bytes(100_000)
"""A row that takes several blocks of a log."""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Directories as killed processes leave them: with one log, and with two, in the middle of a flush."""
    path = tmp_path_factory.mktemp("killed")
    table = TablePartition(path / "table")
    table.lineage = "cluster/topic"
    for offset, key in enumerate(_ROWS):
        table.apply([(key, _LARGE if offset % 100 == 50 else _ROW)], offset)
        if offset == 599:
            shutil.copytree(table.path, path / "two logs")
        if offset % 300 == 299 and key != _ROWS[-1]:
            table.flush(wait=True)
    shutil.copytree(table.path, path / "one log")
    table.close()
    shutil.copy2(_last_log(path / "one log"), path / "two logs")
    return {each: path / each for each in ("one log", "two logs")}


def _last_log(directory: Path) -> Path:
    return max(directory.glob("*.log"))


def _parts(file: Path) -> Iterator[tuple[int, int]]:
    """Places of the headers of a file's records and of their parts, and each part's length with its header."""
    raw, place = file.read_bytes(), 0
    while place + 7 <= len(raw):
        size = 7 + struct.unpack_from("<H", raw, place + 4)[0]
        yield place, size
        place += size
        if place % 32_768 > 32_768 - 7:
            place += -place % 32_768


def _missing(path: Path) -> list[bytes] | None:
    """The rows up to its offset that the table lacks. None: the table does not open."""
    try:
        table = TablePartition(path)
    except Exception:  # noqa: BLE001 - as `LaneTables` has it
        return None
    try:
        rows = table.get_many(_ROWS)[: 0 if table.offset is None else table.offset + 1]
        return [key for key, row in zip(_ROWS, rows, strict=False) if row is None]
    finally:
        table.close()


def _flip(file: Path, place: int, bits: int) -> None:
    raw = bytearray(file.read_bytes())
    raw[place] ^= bits
    file.write_bytes(raw)


@pytest.mark.parametrize("name", ["one log", "two logs"])
def test_what_a_killed_process_leaves_is_opened_with_all_rows(
    killed: dict[str, Path], tmp_path: Path, name: str
) -> None:
    table = TablePartition(shutil.copytree(killed[name], tmp_path / "0"))
    assert table.offset == len(_ROWS) - 1
    assert None not in table.get_many(_ROWS)
    table.close()


@pytest.mark.parametrize("pattern", ["*.log", "MANIFEST-*"])
def test_a_bit_of_a_records_kind_makes_no_opening_endless(
    killed: dict[str, Path], tmp_path: Path, pattern: str
) -> None:
    """RocksDB would read for ever at a record that seems to be of a recycled log."""
    [file] = killed["one log"].glob(pattern)
    parts = [place for place, _ in _parts(file)]
    for place in (parts[1], parts[-2]):
        for bit in range(8):
            path = shutil.copytree(killed["one log"], tmp_path / f"{place}-{bit}" / "seen" / "0")
            _flip(path / file.name, place + 6, 1 << bit)
            assert not _missing(path)


@pytest.mark.parametrize("pattern", ["*.log", "MANIFEST-*"])
def test_a_record_of_a_kind_that_is_not_written_halts_its_lane_each_time(
    killed: dict[str, Path], tmp_path: Path, pattern: str
) -> None:
    path = shutil.copytree(killed["one log"], tmp_path / "seen" / "0")
    [file] = path.glob(pattern)
    place, _ = list(_parts(file))[2]
    _flip(file, place + 6, 4)
    tables = LaneTables(0, {"seen": "seen-changelog"}, options_in(tmp_path))
    for _ in range(3):
        with pytest.raises(LaneHaltedError, match=rf"^{path} cannot be opened: {file.name} is damaged at byte {place}"):
            tables.open()


@pytest.mark.parametrize("lost", ["all", "file", "last record", "zeros"])
def test_a_log_that_ends_before_the_next_one_begins_is_not_taken_for_whole(
    killed: dict[str, Path], tmp_path: Path, lost: str
) -> None:
    path = shutil.copytree(killed["two logs"], tmp_path / "0")
    log = min(path.glob("*.log"))
    place, size = list(_parts(log))[-1]
    raw = log.read_bytes()
    log.write_bytes(b"" if lost == "all" else raw[:place] + bytes(size if lost == "zeros" else 0))
    if lost == "file":
        log.unlink()
    with pytest.raises(TableError, match=r"^changes \d+ to \d+ are missing before 0000\d\d.log"):
        TablePartition(path)


@pytest.mark.parametrize("lost", ["header", "body", "rest of a large row", "page"])
def test_a_log_that_breaks_off_as_after_a_power_failure_is_opened_as_of_an_earlier_offset(
    killed: dict[str, Path], tmp_path: Path, lost: str
) -> None:
    """RocksDB takes none of the next log, so nothing is missing, and the rest comes again from the changelog."""
    path = shutil.copytree(killed["two logs"], tmp_path / "0")
    log = min(path.glob("*.log"))
    parts = list(_parts(log))
    place, size = parts[-2]
    large = next(place for place, size in parts if not (place + size) % 32_768)
    raw = log.read_bytes()
    left = {
        "header": raw[: place + 6],
        "body": raw[: place + size - 1],
        "rest of a large row": raw[: large - large % 32_768 + 32_768],
        "page": raw[:4096] + bytes(4096) + raw[8192:place],  # the disk had written what is around it
    }
    log.write_bytes(left[lost])
    assert _missing(path) == []


@pytest.mark.parametrize("name", ["000001 (copy).log", "log.log", "5x.log", "\u00b2.log"])
def test_what_is_no_log_of_rocksdbs_is_not_looked_at(killed: dict[str, Path], tmp_path: Path, name: str) -> None:
    path = shutil.copytree(killed["one log"], tmp_path / "0")
    (path / name).mkdir()
    assert _missing(path) == []


def test_a_manifest_that_seems_to_end_early_leaves_out_no_rows(killed: dict[str, Path], tmp_path: Path) -> None:
    """One wrong bit of a length is enough: what follows looks like the rest of an unfinished record."""
    [manifest] = killed["one log"].glob("MANIFEST-*")
    found = list[list[bytes] | None]()
    for place, size in _parts(manifest):
        for end in (None, place, place + size // 2):
            path = shutil.copytree(killed["one log"], tmp_path / f"{place}-{end}")
            if end is None:
                _flip(path / manifest.name, place + 5, 1 << 6)
            else:
                os.truncate(path / manifest.name, end)
            found.append(_missing(path))
    assert not any(found)
    assert None in found
    assert [] in found


def test_of_a_manifest_that_is_not_what_was_written_rocksdb_says_so(killed: dict[str, Path], tmp_path: Path) -> None:
    path = shutil.copytree(killed["one log"], tmp_path / "0")
    [manifest] = path.glob("MANIFEST-*")
    place, _ = list(_parts(manifest))[1]
    _flip(manifest, place + 9, 1)
    with pytest.raises(Exception, match=r"^Corruption: "):
        TablePartition(path)


@pytest.mark.parametrize("current", [b"", bytes(16), b"MANIFEST-\x00\n", b"MANIFEST-999999\n", b"\xff\n"])
def test_of_a_current_that_names_no_manifest_rocksdb_says_so(
    killed: dict[str, Path], tmp_path: Path, current: bytes
) -> None:
    path = shutil.copytree(killed["one log"], tmp_path / "0")
    (path / "CURRENT").write_bytes(current)
    with pytest.raises(Exception, match=r"^(Corruption|IO error): "):
        TablePartition(path)
