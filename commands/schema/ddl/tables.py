"""The tables that DDL can be printed for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from commands.schema.ddl.columns import Column, columns_of
from commands.schema.publish.json_schema import schema_of
from commands.schema.publish.topic_facts import KEY_FIELDS
from schemas.order_line import OrderLine
from schemas.order_state import OrderState


class Dataset(StrEnum):
    """A topic whose latest records are a table."""

    ORDER_STATE = "order-state"
    ORDER_LINES = "order-lines"


@dataclass(frozen=True, slots=True)
class Table:
    """A topic as a table. `name`: in SQL; `key`: the primary key's columns; `json_key`: the record's key is a JSON
    object of these columns, otherwise the text of the only one."""

    name: str
    key: Sequence[str]
    json_key: bool
    columns: Sequence[Column]


def table(dataset: Dataset) -> Table:
    """The table of a topic."""
    name, key = dataset.value.replace("-", "_"), KEY_FIELDS[dataset]
    if dataset is Dataset.ORDER_LINES:
        return Table(name, key, json_key=True, columns=columns_of(schema_of(OrderLine)))
    return Table(name, key, json_key=False, columns=columns_of(schema_of(OrderState)))
