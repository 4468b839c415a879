"""`bridge backfill --dry-run`, which asks no Kafka: which files it reads, and what it says of others."""

import gzip
import json
from pathlib import Path

from tests.unit.commands.conftest import Run
from tests.unit.commands.messages import messages_of


def test_behind_a_damaged_file_the_others_are_read_and_it_is_named_below_the_report(
    bridge: Run, tmp_path: Path
) -> None:
    """One damaged file of a year's kept all files behind it away, in each run, and the report was lost."""
    damaged, whole = tmp_path / "1.export", tmp_path / "2.export"
    damaged.write_bytes(gzip.compress(b"temp\n" * 3)[:-4])
    whole.write_bytes(b"temp\n" * 4)
    result = bridge("backfill", "--dry-run", "-o", "json", str(damaged), str(whole))
    assert (result.exit_code, json.loads(result.stdout)["lines"]) == (2, 7)
    (told,) = messages_of(result.stderr)
    assert told.startswith(f"{damaged} cannot be read behind line 3: ")


def test_of_a_directory_the_export_files_are_read_in_order_of_name_and_others_are_told(
    bridge: Run, tmp_path: Path
) -> None:
    """A year has more files than a command line takes."""
    for name in ("2.export", "1.export.gz", "3.export", "1.export.tmp"):
        (tmp_path / name).write_bytes(b"bad\n")
    (tmp_path / "4.export").mkdir()
    result = bridge("backfill", "--dry-run", "-o", "json", str(tmp_path))
    read = [bad["file"] for bad in json.loads(result.stdout)["bad_lines"]]
    assert read == [f"{tmp_path}/{name}" for name in ("1.export.gz", "2.export", "3.export")]
    assert messages_of(result.stderr) == [f"{tmp_path}: 2 more that are no file *.export or *.export.gz"]


def test_a_link_of_a_directory_whose_file_is_lacking_is_refused_as_by_its_name(bridge: Run, tmp_path: Path) -> None:
    """The link counted as one of those "that are no file *.export", with exit 0, and its lines were left out."""
    (tmp_path / "1.export").write_bytes(b"temp\n")
    (tmp_path / "2.export").symlink_to(tmp_path / "unmounted" / "2.export")
    result = bridge("backfill", "--dry-run", str(tmp_path))
    assert result.exit_code == 2
    assert messages_of(result.stderr) == [f"{tmp_path}/2.export cannot be read: No such file or directory."]


def test_a_directory_without_an_export_file_is_refused(bridge: Run, tmp_path: Path) -> None:
    """The export files may lie a directory lower."""
    (tmp_path / "acme").mkdir()
    result = bridge("backfill", "--dry-run", str(tmp_path))
    assert result.exit_code == 2
    assert messages_of(result.stderr) == [f"{tmp_path} has no file *.export or *.export.gz."]
