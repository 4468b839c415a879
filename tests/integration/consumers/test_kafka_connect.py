"""The example with Kafka Connect: killed and started again, its table in Postgres has the lines that Kafka has."""

import json
import tarfile
from pathlib import Path

import pytest

from commands.schema.ddl.dialects import Target, ddl
from commands.schema.ddl.tables import Dataset, table
from deploy.local.environment import java
from deploy.local.jars import jars
from deploy.local.ports import free_ports
from tests.integration.consumers.order_lines import WAREHOUSE, Start, changed, latest
from tests.integration.consumers.postgres import Postgres, postgres
from tests.integration.consumers.programs import QUICK_START
from tests.integration.consumers.transactions import Transactions
from tests.integration.waiting import wait_until

_SINK = Path.home() / ".m2/repository/io/debezium/debezium-connector-jdbc/3.2.0.Final"
_PLUGIN = _SINK / f"debezium-connector-jdbc-{_SINK.name}-plugin.tar.gz"
_FETCH = f"mvn dependency:get -Dartifact=io.debezium:debezium-connector-jdbc:{_SINK.name}:tar.gz:plugin"
_ROWS = "SELECT order_id, line_id, version, list_price FROM order_lines ORDER BY order_id, line_id"

Rows = list[tuple[str, str, str, str]]


def ddl_for(target: Target) -> str:
    return ddl(table(Dataset.ORDER_LINES), target, "", "")


def fetched(plugins: Path) -> None:
    """Put the sink there. Skips aloud if Maven has not fetched it."""
    if not _PLUGIN.is_file():
        pytest.skip(f"Debezium's JDBC sink is not here, so Kafka Connect is not tried: {_FETCH}")
    with tarfile.open(_PLUGIN) as archive:
        archive.extractall(plugins, filter="data")


def connect(environment: dict[str, str], database: Postgres, folder: Path) -> list[str]:
    """The command that its README tells, with other addresses."""
    servers, prefix = environment.values()
    worker, sink = folder / "worker.properties", folder / "sink.properties"
    [port] = free_ports(1)
    places = {
        "127.0.0.1:9092": servers,
        "=plugins": f"={folder / 'plugins'}",
        "=connect.offsets": f"={folder / 'offsets'}",
    }
    text = changed((WAREHOUSE / "connect/worker.properties").read_text(encoding="utf-8"), places)
    worker.write_text(f"{text}\nlisteners=http://127.0.0.1:{port}\n", encoding="utf-8")
    places = {
        "name=order-lines\n": f"name={prefix}\n",
        "newstore.order-lines.v1": f"{prefix}.order-lines.v1",
        "127.0.0.1:5432": database.address,
    }
    text = changed((WAREHOUSE / "connect/sink.properties").read_text(encoding="utf-8"), places)
    is_missed_soon = "consumer.override.session.timeout.ms=6000\n"
    sink.write_text(f"{text}\n{is_missed_soon}{ddl_for(Target.CONNECT)}\n", encoding="utf-8")
    classes = f"{jars(pom=Path(__file__).with_name('connect') / 'pom.xml')}/*"
    program = "org.apache.kafka.connect.cli.ConnectStandalone"
    return [java(), *QUICK_START, "-cp", classes, program, str(worker), str(sink)]


def rows(database: Postgres) -> Rows:
    """The table's rows, with amounts as they are written."""
    found = [line.split("|") for line in database.run(_ROWS).splitlines()]
    return sorted((order, line, version, price) for order, line, version, price in found)


def rows_of(lines: Transactions) -> Rows:
    found = map(json.loads, latest(lines).values())
    return sorted((each["order_id"], each["line_id"], str(each["version"]), each["list_price"]) for each in found)


def test_connect_goes_on_from_where_it_was(
    environment: dict[str, str], lines: Transactions, start: Start, tmp_path: Path
) -> None:
    fetched(tmp_path / "plugins")
    with postgres() as database:
        command = connect(environment, database, tmp_path)
        database.run(ddl_for(Target.POSTGRES))
        lines.write(3)
        first = start("connect", command)
        wait_until("it has all", lambda: rows(database) == rows_of(lines) != [], first.last_words)
        first.kill()
        lines.write(3)
        second = start("connect", command)
        wait_until("it has all again", lambda: rows(database) == rows_of(lines), second.last_words)
