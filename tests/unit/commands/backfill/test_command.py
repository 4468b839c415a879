"""`bridge backfill --dry-run`, which asks no Kafka: which files are gone through, and what is told of the others."""

import gzip
import json
from pathlib import Path

from tests.unit.commands.conftest import Run
from tests.unit.commands.messages import messages_of


def test_behind_a_damaged_file_the_others_are_read_and_it_is_named_below_the_report(
    bridge: Run, tmp_path: Path
) -> None:
    """One of a year's files kept all behind it away, in each run anew, and the report was lost."""
    damaged, whole = tmp_path / "1.export", tmp_path / "2.export"
    damaged.write_bytes(gzip.compress(b"temp\n" * 3)[:-4])
    whole.write_bytes(b"temp\n" * 4)
    result = bridge("backfill", "--dry-run", "-o", "json", str(damaged), str(whole))
    assert (result.exit_code, json.loads(result.stdout)["lines"]) == (2, 7)
    (told,) = messages_of(result.stderr)
    assert told.startswith(f"{damaged} cannot be read behind line 3: ")
