"""The warehouse examples, run as in their README: killed and started again, they have the lines that Kafka has."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest
from confluent_kafka import Consumer

from commands.schema.ddl.dialects import Target, ddl
from commands.schema.ddl.tables import Dataset, table
from tests import npm
from tests.integration.consumers.order_lines import WAREHOUSE, Start, latest, live, moving
from tests.integration.consumers.transactions import Transactions
from tests.integration.waiting import wait_until


def test_duckdb_goes_on_from_where_it_was_and_has_exact_amounts(
    environment: dict[str, str], lines: Transactions, tmp_path: Path
) -> None:
    tables, file = tmp_path / "tables.sql", tmp_path / "shop.duckdb"
    tables.write_text(ddl(table(Dataset.ORDER_LINES), Target.DUCKDB, "", ""), encoding="utf-8")
    command = [sys.executable, str(WAREHOUSE / "python/order_lines.py"), str(file), str(tables)]
    for transaction in moving():
        lines.write_one(transaction)
    read = 0
    for more in (5, 4, 0):
        lines.write(more)
        run = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert run.stdout == f"read {len(lines.committed) - read}, now {len(latest(lines))} lines\n"
        read = len(lines.committed)
    with closing(duckdb.connect(str(file))) as database:
        found = database.execute("SELECT order_id, line_id, version, list_price FROM order_lines").fetchall()
    expected = [(json.loads(key), json.loads(value)) for key, value in latest(lines).items()]
    assert sorted((*row[:3], str(row[3].normalize())) for row in found) == sorted(
        (key["order_id"], key["line_id"], value["version"], value["list_price"].rstrip("0")) for key, value in expected
    )


def test_duckdb_without_the_topic_ends_with_an_error(environment: dict[str, str], tmp_path: Path) -> None:
    """An empty table would not tell whoever runs it again and again that it never had a line."""
    tables, file = tmp_path / "tables.sql", tmp_path / "shop.duckdb"
    tables.write_text(ddl(table(Dataset.ORDER_LINES), Target.DUCKDB, "", ""), encoding="utf-8")
    command = [sys.executable, str(WAREHOUSE / "python/order_lines.py"), str(file), str(tables)]
    absent = os.environ | environment | {"BRIDGE_TOPIC_PREFIX": "absent"}
    run = subprocess.run(command, env=absent, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert "UNKNOWN_TOPIC_OR_PART" in run.stderr


def kept(folder: Path) -> dict[str, bytes]:
    """Lines by the name of their file."""
    found = {}
    for file in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # it has gone meanwhile
            found[file.name] = file.read_bytes()
    return found


def files_of(lines: Transactions) -> dict[str, bytes]:
    return {
        f"{hashlib.sha256(record.key or b'').hexdigest()}-{record.partition}.json": record.value or b""
        for record in live(lines)
    }


def node(folder: Path) -> list[str]:
    if not npm.can_run():
        pytest.skip("node and npm are not installed, so the example with kafkajs is not tried")
    shutil.copy(WAREHOUSE / "node/order-lines.mjs", npm.installed(WAREHOUSE / "node"))
    return ["node", str(npm.installed(WAREHOUSE / "node") / "order-lines.mjs")]


def go(folder: Path) -> list[str]:
    if shutil.which("go") is None:
        pytest.skip("go is not installed, so the example with franz-go is not tried")
    command = ["go", "build", "-o", str(folder / "order-lines"), "."]
    run = subprocess.run(command, cwd=WAREHOUSE / "go", capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [str(folder / "order-lines")]


@pytest.mark.parametrize("build", [node, go])
def test_a_group_that_is_killed_goes_on_and_has_what_kafka_has(
    build: Callable[[Path], list[str]], lines: Transactions, start: Start, tmp_path: Path
) -> None:
    command, folder = build(tmp_path), tmp_path / "lines"
    lines.write(3)
    for transaction in moving():
        lines.write_one(transaction)
    first = start(build.__name__, [*command, str(folder)])
    wait_until("it has all", lambda: kept(folder) == files_of(lines) != {}, first.last_words)
    first.kill()
    lines.write(3)
    second = start(build.__name__, [*command, str(folder)])
    wait_until("it has all again", lambda: kept(folder) == files_of(lines), second.last_words)


def test_kafkajs_that_cannot_go_on_ends_with_an_error(
    environment: dict[str, str], lines: Transactions, tmp_path: Path
) -> None:
    """With exit 0 it would look stopped, and what restarts it after failures would not."""
    command, prefix = node(tmp_path), environment["BRIDGE_TOPIC_PREFIX"]
    lines.write(1)
    group = {"group.id": f"{prefix}-taken", "bootstrap.servers": environment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"]}
    with closing(Consumer(group)) as member:  # kafkajs does not have its ways to share partitions out
        member.subscribe([f"{prefix}.order-lines.v1"])
        wait_until("it is in the group", lambda: (member.poll(0.1), member.assignment())[1])
        variables = os.environ | environment | {"GROUP_ID": group["group.id"]}
        run = subprocess.run([*command, str(tmp_path)], env=variables, capture_output=True, text=True, check=False)
    assert "supported protocols are incompatible" in run.stdout + run.stderr
    assert run.returncode == 1


@pytest.mark.parametrize(
    "file", ["python/order_lines.py", "node/order-lines.mjs", "go/main.go", "flink/sold.sql", "connect/sink.properties"]
)
def test_an_example_is_short(file: str) -> None:
    assert len((WAREHOUSE / file).read_text(encoding="utf-8").splitlines()) <= 60
