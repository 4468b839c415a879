"""`bridge backfill`: what becomes of each line, on real topics."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from tests.integration.commands.broker import Broker
from tests.integration.commands.conftest import Run
from tests.integration.commands.exports import Topics, event, mixed_lines, written
from tests.unit.commands.messages import messages_of

OTHER_TENANT = event(7).replace(b"acme", b"elsewhere")
LINES = [event(1), b"temp", event(2), b"{", b"", OTHER_TENANT, b" temp\r", event(1)]


@pytest.fixture
def topics(bridge: Run, settings: Settings) -> Topics:
    """A deployment whose topics are empty."""
    assert bridge("topics", "apply", "--yes").exit_code == 0
    return Topics(settings)


def report(bridge: Run, *arguments: str | Path, **settings: str) -> dict[str, Any]:
    """What a backfill that succeeds prints."""
    result = bridge("backfill", "--yes", "-o", "json", *map(str, arguments), **settings)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def plain(path: Path) -> Path:
    return path


def compressed(path: Path) -> Path:
    """The same file, as two members of gzip, under a name that does not say so."""
    body = path.read_bytes()
    path.write_bytes(gzip.compress(body[:100]) + gzip.compress(body[100:]))
    return path


@pytest.mark.parametrize("form", [plain, compressed])
def test_each_line_becomes_what_a_webhook_would(
    bridge: Run, topics: Topics, settings: Settings, tmp_path: Path, form: Any
) -> None:
    file = form(written(tmp_path / "1700000000000-data-a.export", LINES))
    document = report(bridge, file)
    assert (document["lines"], document["accepted"], document["skipped"]) == (8, 3, 3)
    assert document["quarantined"] == {"invalid_json": 1, "other_tenant": 1}
    assert sum(document["events"].values()) == 3
    assert [(bad["file"], bad["line"]) for bad in document["bad_lines"]] == [(str(file), 4), (str(file), 6)]
    assert topics.bodies() == {event(1): 2, event(2): 1}
    for record in topics.raw:
        assert record.key is not None
        assert record.header("ce_type") == record.key.decode()
        assert record.partition == partition_for(record.key, settings.partitions)
        assert record.header("bridge_rules") == settings.key_table.version(record.key.decode())


def test_bad_lines_are_in_quarantine_byte_for_byte_with_file_and_line(
    bridge: Run, topics: Topics, tmp_path: Path
) -> None:
    file = written(tmp_path / "a.export", LINES)
    report(bridge, file)
    assert topics.bad_lines() == {(b"{", 4): 1, (OTHER_TENANT, 6): 1}
    for record in topics.quarantine:
        assert (record.key, record.header("bridge_error_file")) == (None, str(file))
        assert record.header("bridge_error_stage") == "backfill"
    assert {record.header("bridge_error_reason") for record in topics.quarantine} == {"invalid_json", "other_tenant"}


def test_a_line_over_the_limit_becomes_a_stub_and_one_at_the_limit_passes(
    bridge: Run, topics: Topics, tmp_path: Path
) -> None:
    largest = event(1)
    limit = str(len(largest))
    file = written(tmp_path / "a.export", [largest + b" ", largest, largest + b"x" * 5_000_000])
    assert bridge("topics", "apply", "--yes", ingress_max_body_bytes=limit).exit_code == 0
    assert report(bridge, file, ingress_max_body_bytes=limit)["quarantined"] == {"too_large": 2}
    stubs = {record.header("bridge_error_line"): json.loads(record.value or b"{}") for record in topics.quarantine}
    sizes = {line: stub["size"] for line, stub in stubs.items() if stub["truncated"]}
    assert sizes == {"1": len(largest) + 1, "3": len(largest) + 5_000_000}
    assert topics.bodies() == {largest: 1}


def test_what_is_stored_is_not_stored_again_unless_asked(bridge: Run, topics: Topics, tmp_path: Path) -> None:
    lines = mixed_lines(200, seed=1)
    file = written(tmp_path / "a.export", lines)
    first = report(bridge, file, chunk_records="30")
    result = bridge("backfill", "--yes", "-o", "json", str(file.rename(tmp_path / "renamed")))
    assert "all 200 lines are stored; --again stores them again" in result.stderr
    assert json.loads(result.stdout)["lines"] == 0
    assert sum(topics.bodies().values()) == first["accepted"]
    assert report(bridge, "--again", tmp_path / "renamed")["lines"] == 200
    assert set(topics.bodies().values()) == {2}
    assert set(topics.bad_lines().values()) == {2}


def test_a_file_is_known_by_its_content(bridge: Run, topics: Topics, tmp_path: Path) -> None:
    file = written(tmp_path / "a.export", [event(1)])
    report(bridge, file)
    assert report(bridge, written(file, [event(1), event(2)]))["lines"] == 2
    assert report(bridge, file, file, written(tmp_path / "b.export", [event(3)]))["lines"] == 1
    assert topics.bodies() == {event(1): 2, event(2): 1, event(3): 1}


def test_stdin_is_read_to_its_end_and_cannot_be_resumed(topics: Topics) -> None:
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "commands", "backfill", "--yes", "-o", "json", "-"],
            input=gzip.compress(event(1) + b"\nbad"),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"standard input, which cannot be resumed after a kill" in done.stderr
        assert json.loads(done.stdout)["lines"] == 2
    assert topics.bodies() == {event(1): 2}
    assert topics.bad_lines() == {(b"bad", 2): 2}


def test_a_rehearsal_needs_no_kafka_and_says_what_would_become_of_the_lines(bridge: Run, tmp_path: Path) -> None:
    lines = mixed_lines(300, seed=2)
    result = bridge(
        "backfill",
        "--dry-run",
        "-o",
        "json",
        str(written(tmp_path / "a.export", lines)),
        kafka_bootstrap_servers="127.0.0.1:1",
    )
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    kinds = Counter("bad" if line.startswith(b"bad") else "temp" if line == b"temp" else "event" for line in lines)
    assert document["lines"] == 300
    assert (document["accepted"], document["skipped"]) == (kinds["event"], kinds["temp"])
    assert document["quarantined"] == {"invalid_json": kinds["bad"]}


def test_a_rehearsal_writes_nothing(bridge: Run, topics: Topics, tmp_path: Path) -> None:
    file = written(tmp_path / "a.export", LINES)
    result = bridge("backfill", "--dry-run", str(file))
    assert result.exit_code == 0
    assert f"{file}:6  other_tenant" in result.stdout.splitlines()
    assert (topics.raw, topics.quarantine) == ([], [])
    assert report(bridge, file)["lines"] == 8


def test_of_a_damaged_file_everything_readable_is_stored_and_what_is_behind_it(
    bridge: Run, topics: Topics, tmp_path: Path
) -> None:
    lines = [event(number) for number in range(100)]
    damaged, whole = written(tmp_path / "1.export.gz", lines), written(tmp_path / "2.export", [event(100)])
    damaged.write_bytes(gzip.compress(damaged.read_bytes())[:-4])
    for stored in (101, 0):
        result = bridge("backfill", "--yes", "-o", "json", str(damaged), str(whole))
        assert (result.exit_code, json.loads(result.stdout)["lines"]) == (2, stored)
        assert f"{damaged} cannot be read behind line 100: " in result.stderr
    assert topics.bodies() == Counter([*lines, event(100)])


def test_without_a_terminal_it_must_be_told_to_do_it(bridge: Run, topics: Topics, tmp_path: Path) -> None:
    file = written(tmp_path / "a.export", LINES)
    result = bridge("backfill", str(file))
    assert result.exit_code == 2
    assert "from its start" in result.stderr
    assert "needs --yes" in result.stderr
    assert topics.raw == []


def test_a_file_that_is_missing_stops_everything_before_it_begins(bridge: Run, topics: Topics, tmp_path: Path) -> None:
    result = bridge("backfill", "--yes", str(written(tmp_path / "a.export", LINES)), str(tmp_path / "none"))
    assert result.exit_code == 2
    assert messages_of(result.stderr) == [f"{tmp_path / 'none'} cannot be read: No such file or directory."]
    assert topics.raw == []


def test_without_topics_it_says_what_to_run(bridge: Run, tmp_path: Path) -> None:
    result = bridge("backfill", "--yes", str(written(tmp_path / "a.export", LINES)))
    assert result.exit_code == 2
    assert "bridge topics apply" in result.stderr


def test_what_kafka_refuses_ends_it_and_nothing_of_the_slice_is_stored(
    bridge: Run, topics: Topics, settings: Settings, tmp_path: Path
) -> None:
    Broker(settings).set_config("quarantine", "max.message.bytes", "1000")
    file = written(tmp_path / "a.export", [event(1), b"x" * 100_000 + bytes(range(128, 256)) * 1000])
    result = bridge("backfill", "--yes", str(file))
    assert result.exit_code == 2
    assert "Kafka says MESSAGE_TOO_LARGE" in result.stderr
    assert "0 lines of" in result.stderr
    assert (topics.raw, topics.quarantine) == ([], [])


def test_a_plan_of_many_files_stays_short(bridge: Run, topics: Topics, tmp_path: Path) -> None:
    files = [str(written(tmp_path / f"{number}.export", [event(number)])) for number in range(25)]
    result = bridge("backfill", "--yes", "-o", "json", *files)
    assert result.exit_code == 0
    assert messages_of(result.stderr)[21] == "and 5 more files"  # below the names of the columns
    assert json.loads(result.stdout)["lines"] == 25
    assert topics.bodies() == Counter(event(number) for number in range(25))
