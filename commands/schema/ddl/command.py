"""`bridge schema ddl`."""

from typing import Annotated

import typer

from commands.schema.ddl.dialects import Target, ddl
from commands.schema.ddl.tables import Dataset, table
from commands.terminal.examples import examples
from commands.terminal.output import fail, print_line
from schemas.topics import Topics


@examples("bridge schema ddl --for postgres", "bridge schema ddl --for flink --table order-state")
def print_ddl(
    target: Annotated[Target, typer.Option("--for", help="The database.")],
    tables: Annotated[
        list[Dataset] | None, typer.Option("--table", help="Of one topic; default: of both, for connect of lines.")
    ] = None,
    topic_prefix: Annotated[str, typer.Option(envvar="BRIDGE_TOPIC_PREFIX", help="Of the topics.")] = "newstore",
    servers: Annotated[
        str, typer.Option("--bootstrap-servers", envvar="BRIDGE_KAFKA_BOOTSTRAP_SERVERS", help="For Flink.")
    ] = "127.0.0.1:9092",
) -> None:
    """Print SQL that makes tables for order state and order lines; it connects to nothing."""
    topics = Topics(topic_prefix)
    names = {Dataset.ORDER_STATE: topics.order_state, Dataset.ORDER_LINES: topics.order_lines}
    flat = [Dataset.ORDER_LINES] if target is Target.CONNECT else [*Dataset]
    for dataset in tables or flat:
        if dataset not in flat:
            fail(f"--for connect: sinks take flat records, and those of {dataset} have parts.")
        for line in ddl(table(dataset), target, names[dataset], servers).splitlines():
            print_line(line)
