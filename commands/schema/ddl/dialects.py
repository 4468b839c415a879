"""Tables in the dialect of each database.

Money becomes a decimal with 38 digits, 12 after the point, if the database has no unbounded one. A value with parts
becomes JSON if the table has no types for it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from commands.schema.ddl.columns import ByKey, Column, Members, Record, Scalar, Type
from commands.schema.ddl.tables import Table


class Target(StrEnum):
    """The targets of DDL."""

    FLINK = "flink"
    CLICKHOUSE = "clickhouse"
    DUCKDB = "duckdb"
    POSTGRES = "postgres"
    CONNECT = "connect"
    """Not SQL: properties for Kafka Connect's JSON converter."""


_DECIMAL: Final = "DECIMAL(38, 12)"
_POSTGRES: Final = {
    Scalar.TEXT: "text",
    Scalar.INTEGER: "bigint",
    Scalar.BOOLEAN: "boolean",
    Scalar.MONEY: "numeric",
    Scalar.INSTANT: "timestamptz",
    Scalar.JSON: "jsonb",
}
_DUCKDB: Final = {
    Scalar.TEXT: "VARCHAR",
    Scalar.INTEGER: "BIGINT",
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.MONEY: _DECIMAL,
    Scalar.INSTANT: "TIMESTAMPTZ",
    Scalar.JSON: "JSON",
}
_CLICKHOUSE: Final = {
    Scalar.TEXT: "String",
    Scalar.INTEGER: "Int64",
    Scalar.BOOLEAN: "Bool",
    Scalar.MONEY: "Decimal(38, 12)",
    Scalar.INSTANT: "DateTime64(6, 'UTC')",
    Scalar.JSON: "String",
}
_FLINK: Final = {
    Scalar.TEXT: "STRING",
    Scalar.INTEGER: "BIGINT",
    Scalar.BOOLEAN: "BOOLEAN",
    Scalar.MONEY: _DECIMAL,
    Scalar.INSTANT: "TIMESTAMP_LTZ(9)",
    Scalar.JSON: "STRING",
}


_CONNECT: Final = {Scalar.INTEGER: "int64", Scalar.BOOLEAN: "boolean"}
"""All others are text, even amounts and times: the converter has no exact number type."""

_PARTITION: Final = Column(
    "kafka_partition", Scalar.INTEGER, nullable=False, comment="Of the record: a deletion concerns no other partition."
)


def ddl(table: Table, target: Target, topic: str, servers: str) -> str:
    """Statements that create the table, each ended by a semicolon. `topic`, `servers`: for targets that read Kafka
    themselves.

    ValueError: the target takes only flat records, and these have parts.
    """
    return _TARGETS[target](table, topic, servers)


def _postgres(table: Table, _topic: str, _servers: str) -> str:
    """The record's key alone is the primary key: Kafka Connect cannot add the partition to a tombstone's key."""
    return _with_key(table, _POSTGRES)


def _duckdb(table: Table, _topic: str, _servers: str) -> str:
    return _with_key(_by_partition(table), _DUCKDB)


def _by_partition(table: Table) -> Table:
    """The table with the partition in its key, so with a row for each partition. When an order moves, its deletion in
    the old partition may be read last, and offsets of two partitions do not compare."""
    return replace(table, key=[*table.key, _PARTITION.name], columns=[*table.columns, _PARTITION])


def _with_key(table: Table, types: Mapping[Scalar, str]) -> str:
    rows = [
        f'    "{column.name}" {_flat(column.type, types)}{"" if column.nullable else " NOT NULL"}'
        for column in table.columns
    ]
    rows.append(f"    PRIMARY KEY ({', '.join(table.key)})")
    comments = (
        f'COMMENT ON COLUMN {table.name}."{column.name}" IS {_text(column.comment)};\n'
        for column in table.columns
        if column.comment
    )
    return _create(table, rows, ")") + "".join(comments)


def _clickhouse(topic_table: Table, _topic: str, _servers: str) -> str:
    """Of rows with the same key, the one with the highest offset counts; if that is a deletion, none does."""
    table = _by_partition(topic_table)
    rows = [f"    `{each.name}` {_in_clickhouse(each)}{_inline(each)}" for each in table.columns]
    rows.append("    `kafka_offset` UInt64 COMMENT 'Of the record: a later one replaces an earlier one.'")
    rows.append("    `is_deleted` UInt8 DEFAULT 0 COMMENT '1: the record had no value.'")
    engine = f")\nENGINE = ReplacingMergeTree(kafka_offset, is_deleted)\nORDER BY ({', '.join(table.key)})"
    return _create(table, rows, engine)


def _in_clickhouse(column: Column) -> str:
    made = _flat(column.type, _CLICKHOUSE)
    return f"Nullable({made})" if column.nullable else made


def _flink(table: Table, topic: str, servers: str) -> str:
    rows = [
        f"    `{each.name}` {_in_flink(each.type)}{_not_null(table, each)}{_inline(each)}" for each in table.columns
    ]
    rows.append(f"    PRIMARY KEY ({', '.join(f'`{name}`' for name in table.key)}) NOT ENFORCED")
    options = {
        "connector": "upsert-kafka",
        "topic": topic,
        "properties.bootstrap.servers": servers,
        "properties.isolation.level": "read_committed",
        "key.format": "json" if table.json_key else "raw",
        "value.format": "json",
        "value.json.timestamp-format.standard": "ISO-8601",
    }
    given = ",\n".join(f"    {_text(name)} = {_text(value)}" for name, value in options.items())
    return _create(table, rows, f") WITH (\n{given}\n)")


def _not_null(table: Table, column: Column) -> str:
    """Flink ends a job at a null in a NOT NULL column. Only keys are in records of every age."""
    return " NOT NULL" if column.name in table.key else ""


def _in_flink(type_: Type) -> str:
    if isinstance(type_, Record):
        return f"ROW<{', '.join(f'`{each.name}` {_in_flink(each.type)}' for each in type_.fields)}>"
    if isinstance(type_, ByKey):
        return f"MAP<STRING, {_in_flink(type_.of)}>"
    if isinstance(type_, Members):
        return f"ARRAY<{_in_flink(type_.of)}>"
    return _FLINK[type_]


def _connect(table: Table, _topic: str, _servers: str) -> str:
    """ValueError: a column has parts, and sinks cannot make columns of these."""
    key = [column for column in table.columns if column.name in table.key]
    return "".join(
        f"{side}.converter.schemas.enable=true\n{side}.converter.schema.content={_struct(table, columns)}\n"
        for side, columns in (("key", key), ("value", table.columns))
    )


def _struct(table: Table, columns: Sequence[Column]) -> str:
    """All fields but keys are optional, as for Flink: an older record may lack them."""
    fields = [
        {"field": each.name, "type": _in_connect(each), "optional": each.name not in table.key} for each in columns
    ]
    return json.dumps({"type": "struct", "optional": False, "fields": fields}, separators=(",", ":"))


def _in_connect(column: Column) -> str:
    if not isinstance(column.type, Scalar):
        raise ValueError(f"{column.name} has parts")  # noqa: TRY004 - the table is wrong, not the argument
    return _CONNECT.get(column.type, "string")


def _flat(type_: Type, types: Mapping[Scalar, str]) -> str:
    return types[type_ if isinstance(type_, Scalar) else Scalar.JSON]


def _inline(column: Column) -> str:
    return f" COMMENT {_text(column.comment)}" if column.comment else ""


def _create(table: Table, rows: list[str], end: str) -> str:
    listed = ",\n".join(rows)
    return f"CREATE TABLE IF NOT EXISTS {table.name} (\n{listed}\n{end};\n"


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


_TARGETS: Final[Mapping[Target, Callable[[Table, str, str], str]]] = {
    Target.FLINK: _flink,
    Target.CLICKHOUSE: _clickhouse,
    Target.DUCKDB: _duckdb,
    Target.POSTGRES: _postgres,
    Target.CONNECT: _connect,
}
