"""How far a backfill is, in bytes of its files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commands.backfill import view
from commands.backfill.export_file import ExportFile
from commands.backfill.view import reading


@dataclass
class Said:
    """Takes the place of a progress line."""

    words: list[str] = field(default_factory=list)

    def update(self, status: str) -> None:
        self.words.append(status)


@pytest.mark.parametrize(("from_stdin", "every"), [(False, " of 3.0 kB"), (True, "")])
def test_what_is_read_of_all_files_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, from_stdin: bool, every: str
) -> None:
    said = Said()

    @contextmanager
    def progress(_what: str) -> Iterator[Said]:
        yield said

    monkeypatch.setattr(view, "progress", progress)
    for name, size in (("a", 1_000), ("b", 2_000)):
        (tmp_path / name).write_bytes(b"\n" * size)
    exports = [ExportFile.examine(str(tmp_path / name)) for name in "ab"]
    unsized = [ExportFile.examine("-")] if from_stdin else []
    with reading([*exports, *unsized]) as on_read:
        reads = ((exports[0], 400), (exports[0], 1_000), (exports[1], None), (exports[1], 500), (exports[0], 200))
        for export, count in reads:
            on_read(export, count)
    assert said.words == [f"Backfill: {done}{every} read" for done in ("400 bytes", "1.0 kB", "1.5 kB", "1.7 kB")]
