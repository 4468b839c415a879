"""A shell script of Apache Kafka's own commands. It updates what exists and deletes nothing."""

import shlex
from collections.abc import Iterator
from itertools import groupby

from bridge.kafka.acls import Acl, Operation, Pattern, Resource
from bridge.topics import TopicSpec
from commands.terminal.permissions import ACL_OPTIONS, pascal
from commands.topics.declared.declared import Declared

_HEAD = """\
#!/bin/sh
# Topics and permissions of the bridge. KAFKA: brokers, with OPTIONS to log in as an administrator, as
# OPTIONS="--command-config admin.properties". Run it again whenever it changes; it deletes nothing.
set -eu
: "${KAFKA:?brokers, as kafka-1:9092}"
OPTIONS=${OPTIONS:-}
"""


def kafka_cli(declared: Declared, principal: str = "User:{}") -> str:
    """The script. `principal`: what the brokers call a user, `{}` for its name, as in `User:CN={}`."""
    lines = [_HEAD]
    for spec in declared.topics:
        lines += _topic(spec)
    for name, acls in declared.users.items():
        lines += [f"\n# {name}", *_acls(principal.replace("{}", name), acls)]
    return "\n".join(lines) + "\n"


def _topic(spec: TopicSpec) -> Iterator[str]:
    size = f"--partitions {spec.partitions} --replication-factor {spec.replication}"
    config = [f"{name}={value}" for name, value in spec.config.items()]
    entries = " ".join(f"--config {each}" for each in config)
    yield _command("kafka-topics.sh", f"--create --if-not-exists --topic {spec.name} {size} {entries}")
    listed = ",".join(f"{name}=[{value}]" if "," in value else f"{name}={value}" for name, value in spec.config.items())
    entity = f"--entity-type topics --entity-name {spec.name}"
    yield _command("kafka-configs.sh", f"--alter {entity} --add-config '{listed}'")


def _acls(principal: str, acls: tuple[Acl, ...]) -> Iterator[str]:
    """One command takes all resources of one kind that allow the same operations."""
    for (resource, pattern, operations), alike in groupby(sorted(acls, key=_kind), key=_kind):
        names = " ".join(f"{ACL_OPTIONS[resource]} {acl.name}" for acl in alike)
        allowed = " ".join(f"--operation {pascal(operation)}" for operation in operations)
        who = f"--add --allow-principal {shlex.quote(principal)} --resource-pattern-type {pattern.lower()}"
        yield _command("kafka-acls.sh", f"{who} {allowed} {names}")


def _kind(acl: Acl) -> tuple[Resource, Pattern, tuple[Operation, ...]]:
    return acl.resource, acl.pattern, acl.operations


def _command(tool: str, arguments: str) -> str:
    return f'{tool} --bootstrap-server "$KAFKA" $OPTIONS {arguments}'
