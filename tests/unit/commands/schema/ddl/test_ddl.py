"""The DDL: DuckDB runs it on real records; a parser reads it for Postgres and ClickHouse."""

import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from pydantic import BaseModel
from sqlglot import expressions

from commands.schema.ddl.columns import ByKey, Column, Members, Record, Scalar, columns_of
from commands.schema.ddl.dialects import Target, ddl
from commands.schema.ddl.tables import Dataset, table
from commands.schema.publish import examples
from schemas.order_line import OrderLine
from schemas.order_state import OrderState
from tests.unit.commands.conftest import Run

pytestmark = pytest.mark.thorough

MODELS: dict[Dataset, type[BaseModel]] = {Dataset.ORDER_STATE: OrderState, Dataset.ORDER_LINES: OrderLine}
RECORDS = {Dataset.ORDER_STATE: examples.order_state().value, Dataset.ORDER_LINES: examples.order_line().value}


def of(dataset: Dataset, target: Target) -> str:
    return ddl(table(dataset), target, f"shop.{dataset}.v1", "kafka:9092")


@pytest.mark.parametrize("dataset", Dataset)
def test_a_table_has_every_field_of_its_records_in_their_order(dataset: Dataset) -> None:
    assert [column.name for column in table(dataset).columns] == list(MODELS[dataset].model_fields)
    assert all(not column.nullable for column in table(dataset).columns if column.name in table(dataset).key)


@pytest.mark.parametrize("dataset", Dataset)
def test_duckdb_takes_a_record_as_it_is_and_gives_exact_amounts_and_instants(dataset: Dataset) -> None:
    found = table(dataset)
    database = duckdb.connect()
    database.execute(of(dataset, Target.DUCKDB))
    record = {**RECORDS[dataset], "kafka_partition": 3}
    values = [json.dumps(value) if isinstance(value, (dict, list)) else value for value in record.values()]
    names = ", ".join(f'"{name}"' for name in record)
    insert = f"INSERT INTO {found.name} ({names}) VALUES ({', '.join('?' * len(values))})"
    database.execute(insert, values)
    database.execute("SET TimeZone = 'UTC'")
    if dataset is Dataset.ORDER_LINES:
        row = database.execute("SELECT order_grand_total, quantity, placed_at::VARCHAR, shipped_at FROM order_lines")
        assert row.fetchone() == (Decimal("62.94"), 1, "2020-12-01 18:41:06.11+00", None)
    else:
        row = database.execute("SELECT \"order\"->>'currency', version, provisional FROM order_state")
        assert row.fetchone() == ("USD", 7, False)
    with pytest.raises(duckdb.ConstraintException):
        database.execute(insert, values)
    said = database.execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?", [found.name])
    told = [(column.name, column.comment or None) for column in found.columns]
    assert said.fetchall()[: len(told)] == told


@pytest.mark.parametrize("target", [Target.POSTGRES, Target.CLICKHOUSE, Target.DUCKDB])
@pytest.mark.parametrize("dataset", Dataset)
def test_a_parser_of_the_dialect_reads_it(dataset: Dataset, target: Target) -> None:
    found = table(dataset)
    create = sqlglot.parse(of(dataset, target), dialect=target.value)[0]
    assert isinstance(create, expressions.Create)
    names = [column.name for column in create.find_all(expressions.ColumnDef)]
    assert names[: len(found.columns)] == [column.name for column in found.columns]


@pytest.mark.parametrize("target", [Target.CLICKHOUSE, Target.DUCKDB])
@pytest.mark.parametrize("dataset", Dataset)
def test_rows_of_two_partitions_replace_and_delete_one_another_nowhere(dataset: Dataset, target: Target) -> None:
    """An order's deletion from the partition that it was in before a migration may be read last."""
    create = sqlglot.parse(of(dataset, target), dialect=target.value)[0]
    assert isinstance(create, expressions.Create)
    [key] = create.find_all(expressions.Order if target is Target.CLICKHOUSE else expressions.PrimaryKey)
    assert [each.name for each in key.find_all(expressions.Identifier)] == [*table(dataset).key, "kafka_partition"]


def test_flink_reads_committed_records_and_has_types_for_all_parts() -> None:
    """That Flink takes it was tried by hand: docs/warehouse.md."""
    lines, state = (of(dataset, Target.FLINK) for dataset in (Dataset.ORDER_LINES, Dataset.ORDER_STATE))
    for text in (lines, state):
        assert "'properties.isolation.level' = 'read_committed'" in text
        assert "'properties.bootstrap.servers' = 'kafka:9092'" in text
    assert "PRIMARY KEY (`order_id`, `line_id`) NOT ENFORCED" in lines
    assert ("'key.format' = 'json'" in lines, "'key.format' = 'raw'" in state) == (True, True)
    assert "`item_counts` MAP<STRING, BIGINT>" in state
    assert "`attention` ARRAY<ROW<`kind` STRING, `subject` STRING>>" in state
    assert "`billing_address` STRING" in state


def test_kafka_connect_is_told_every_field_of_key_and_value_and_that_all_but_keys_may_be_absent(bridge: Run) -> None:
    printed = bridge("schema", "ddl", "--for", "connect", tenant=None).stdout
    told = dict(line.split("=", 1) for line in printed.splitlines())
    value, key = (json.loads(told[f"{side}.converter.schema.content"])["fields"] for side in ("value", "key"))
    line = RECORDS[Dataset.ORDER_LINES]
    assert [field["field"] for field in value] == list(line)
    assert [field["field"] for field in value if not field["optional"]] == [field["field"] for field in key]
    kinds = {"int64": int, "boolean": bool, "string": str}
    for field in value:
        assert line[field["field"]] is None or type(line[field["field"]]) is kinds[field["type"]]


def test_no_sink_takes_states_which_have_parts(bridge: Run) -> None:
    refused = bridge("schema", "ddl", "--for", "connect", "--table", "order-state", tenant=None)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "flat records" in refused.stderr


def test_a_quote_in_a_description_ends_no_text() -> None:
    odd = Column("x", Scalar.TEXT, nullable=True, comment="it's")
    found = table(Dataset.ORDER_LINES)
    made = ddl(type(found)("odd", ["x"], json_key=True, columns=[odd]), Target.DUCKDB, "", "")
    assert len(sqlglot.parse(made, dialect="duckdb")) == 3


def test_columns_of_what_is_not_flat() -> None:
    schema = {
        "$defs": {"Part": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
        "type": "object",
        "required": ["one", "either"],
        "properties": {
            "one": {"$ref": "#/$defs/Part", "description": "a\n b"},
            "many": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
            "by_key": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "free": {"anyOf": [{"type": "object", "additionalProperties": True}, {"type": "null"}]},
            "either": {"anyOf": [{"enum": ["a"], "type": "string"}, {"type": "string"}]},
        },
    }
    part = Record([Column("n", Scalar.INTEGER, nullable=False)])
    assert columns_of(schema) == [
        Column("one", part, nullable=False, comment="a b"),
        Column("many", Members(part), nullable=True),
        Column("by_key", ByKey(Scalar.BOOLEAN), nullable=True),
        Column("free", Scalar.JSON, nullable=True),
        Column("either", Scalar.TEXT, nullable=False),
    ]


@pytest.mark.parametrize("forms", [["string", "integer"], ["string", "array"]])
def test_a_field_of_two_types_has_no_column(forms: list[str]) -> None:
    two: Any = {"anyOf": [{"type": form, "items": {"type": "string"}} for form in forms]}
    with pytest.raises(ValueError, match="several types"):
        columns_of({"properties": {"x": two}})


def test_the_command_prints_both_tables_or_one_under_the_prefix(bridge: Run) -> None:
    both = bridge("schema", "ddl", "--for", "flink", tenant=None)
    assert (both.exit_code, both.stdout.count("CREATE TABLE")) == (0, 2)
    one = bridge("schema", "ddl", "--for", "flink", "--table", "order-lines", "--topic-prefix", "shop", tenant=None)
    assert one.stdout == of(Dataset.ORDER_LINES, Target.FLINK).replace("kafka:9092", "127.0.0.1:9092")
