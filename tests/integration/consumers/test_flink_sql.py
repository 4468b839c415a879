"""The example in Flink SQL: killed and started again from a checkpoint, it counts what Kafka has."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from commands.schema.ddl.dialects import Target, ddl
from commands.schema.ddl.tables import Dataset, table
from deploy.local.environment import java
from deploy.local.jars import jars
from tests.integration.consumers.order_lines import WAREHOUSE, Start, changed, latest
from tests.integration.consumers.programs import QUICK_START
from tests.integration.consumers.transactions import Transactions
from tests.integration.waiting import wait_until
from tests.programs.checker.reading import TopicReader

FLINK = Path.home() / ".m2/repository/org/apache/flink/flink-table-planner-loader/2.2.1"


def run_sql(tables: Path) -> list[str]:
    """Runs a job behind these tables, with Flink in one process. Skips aloud if Maven has not fetched Flink."""
    if not FLINK.is_dir():
        pytest.skip(
            "Flink is not here, so the example in SQL is not tried: mvn dependency:get "
            f"-Dartifact=org.apache.flink:flink-table-planner-loader:{FLINK.name}"
        )
    folder = Path(__file__).with_name("flink")
    classes = f"{jars(pom=folder / 'pom.xml')}/*"
    return [java(), *QUICK_START, "-cp", classes, str(folder / "RunSql.java"), str(tables)]


def sold(reader: TopicReader, topic: str) -> dict[str, int]:
    """Pieces by product, as the job keeps them in its topic."""
    last = {record.key: record.value for record in reader.read(reader.begins(reader.partitions(topic)))}
    rows = [json.loads(value) for value in last.values() if value is not None]
    return {row["product_id"]: row["pieces"] for row in rows}


def sold_by(lines: Transactions) -> dict[str, int]:
    return {row["product_id"]: row["quantity"] for row in map(json.loads, latest(lines).values())}


def newest(checkpoints: Path) -> tuple[int, Path]:
    """The newest checkpoint that is complete, and its number; 0 without any."""
    found = [(int(file.parent.name[len("chk-") :]), file.parent) for file in checkpoints.glob("*/chk-*/_metadata")]
    return max(found, default=(0, checkpoints))


def test_flink_goes_on_from_a_checkpoint(
    environment: dict[str, str], lines: Transactions, start: Start, tmp_path: Path
) -> None:
    """It takes back what it counted before it was killed. Otherwise products would stay that are gone."""
    servers, prefix = environment.values()
    counts, tables, job, checkpoints = f"{prefix}.sold.v1", *(tmp_path / name for name in ("t.sql", "j.sql", "kept"))
    command = run_sql(tables)
    lines_ddl = ddl(table(Dataset.ORDER_LINES), Target.FLINK, f"{prefix}.order-lines.v1", servers)
    tables.write_text(lines_ddl, encoding="utf-8")
    here = {"reports.sold.v1": counts, "127.0.0.1:9092": servers, "file:///tmp/sold/checkpoints": checkpoints.as_uri()}
    text = changed((WAREHOUSE / "flink/sold.sql").read_text(encoding="utf-8"), {**here, "'10 s'": "'200 ms'"})
    job.write_text(text, encoding="utf-8")
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(counts, 2, 1)])[counts].result(30)
    with closing(TopicReader(servers, prefix)) as reader:
        lines.write(3)
        first = start("flink", [*command, str(job)])
        wait_until("it has counted", lambda: sold(reader, counts) == sold_by(lines) != {}, first.last_words)
        behind = newest(checkpoints)[0] + 2  # the next one may have begun before
        wait_until("it has kept that", lambda: newest(checkpoints)[0] >= behind, first.last_words)
        first.kill()
        before = sold_by(lines)
        lines.write(3)
        assert before.keys() - sold_by(lines)
        place = f"{checkpoints.as_uri()}/<job>/chk-<number>"
        job.write_text(changed(text, {"-- SET": "SET", place: newest(checkpoints)[1].as_uri()}), encoding="utf-8")
        second = start("flink", [*command, str(job)])
        wait_until("it has counted again", lambda: sold(reader, counts) == sold_by(lines), second.last_words)
