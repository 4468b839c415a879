"""What `bridge topics plan` can be asked to declare, and in which tool's words."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from bridge.kafka.acls import Part
from commands.topics.declared.declared import Declared
from commands.topics.declared.kafka_cli import kafka_cli
from commands.topics.declared.strimzi import strimzi
from commands.topics.declared.terraform import terraform


class PlanFormat(StrEnum):
    """The first two tell what is to be done now, the others declare what must be."""

    TABLE = "table"
    JSON = "json"
    STRIMZI = "strimzi"
    TERRAFORM = "terraform"
    KAFKA_CLI = "kafka-cli"


DEPLOYED: Final[list[Part]] = [part for part in Part if part is not Part.MIGRATION]
"""A user that may do everything should not be there while nothing is migrated."""

PartsOption = Annotated[
    list[Part],
    typer.Option("--part", help="Declared: whose user, once for each. Default: all but migration.", show_default=False),
]
ClusterOption = Annotated[str, typer.Option("--cluster", help="Strimzi: the name of the Kafka object.")]
PrincipalOption = Annotated[
    str, typer.Option("--principal", help="The others: how brokers call a user, as User:CN={}; {} is its name.")
]


def declaration(output: PlanFormat, declared: Declared, cluster: str, principal: str) -> str | None:
    """The whole text; None: this format declares nothing."""
    match output:
        case PlanFormat.STRIMZI:
            return strimzi(declared, cluster)
        case PlanFormat.TERRAFORM:
            return terraform(declared, principal)
        case PlanFormat.KAFKA_CLI:
            return kafka_cli(declared, principal)
        case _:
            return None
