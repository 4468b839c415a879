"""The formats and options of `bridge topics plan`."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from bridge.kafka.acls import Part
from commands.topics.declared.declared import Declared
from commands.topics.declared.kafka_cli import kafka_cli
from commands.topics.declared.strimzi import strimzi
from commands.topics.declared.terraform import terraform


class PlanFormat(StrEnum):
    """`table` and `json` show what is to be done now. The others declare all that must be there."""

    TABLE = "table"
    JSON = "json"
    STRIMZI = "strimzi"
    TERRAFORM = "terraform"
    KAFKA_CLI = "kafka-cli"


DEPLOYED: Final[list[Part]] = [part for part in Part if part is not Part.MIGRATION]
"""All parts but migration: its user may do everything, so it should exist only during a migration."""

PartsOption = Annotated[
    list[Part],
    typer.Option("--part", help="Declared: whose user, once for each. Default: all but migration.", show_default=False),
]
ClusterOption = Annotated[str, typer.Option("--cluster", help="Strimzi: the name of the Kafka object.")]
PrincipalOption = Annotated[
    str, typer.Option("--principal", help="The others: how brokers call a user, as User:CN={}; {} is its name.")
]


def declaration(output: PlanFormat, declared: Declared, cluster: str, principal: str) -> str | None:
    """The whole text; None: the format declares nothing."""
    match output:
        case PlanFormat.STRIMZI:
            return strimzi(declared, cluster)
        case PlanFormat.TERRAFORM:
            return terraform(declared, principal)
        case PlanFormat.KAFKA_CLI:
            return kafka_cli(declared, principal)
        case _:
            return None
