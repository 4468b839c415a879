"""Terraform's JSON syntax (a file `bridge.tf.json`) for the provider Mongey/kafka, which works with any Kafka.

https://developer.hashicorp.com/terraform/language/syntax/json, https://registry.terraform.io/providers/Mongey/kafka
"""

import json
from typing import Any, Final

from bridge.kafka.acls import Pattern, Resource
from commands.terminal.permissions import pascal
from commands.topics.declared.declared import Declared

_RESOURCES: Final = {
    Resource.TOPIC: "Topic",
    Resource.GROUP: "Group",
    Resource.TRANSACTIONAL_ID: "TransactionalID",
}
_PATTERNS: Final = {Pattern.LITERAL: "Literal", Pattern.PREFIXED: "Prefixed"}


def terraform(declared: Declared, principal: str) -> str:
    """The file. `principal`: what the brokers call a user, `{}` for its name, as in `User:CN={}`."""
    return json.dumps(terraform_document(declared, principal), indent=2) + "\n"


def terraform_document(declared: Declared, principal: str) -> dict[str, Any]:
    """Topics and ACLs by key, so that a change of one touches no other."""
    topics = {
        spec.name: {"partitions": spec.partitions, "replication_factor": spec.replication, "config": dict(spec.config)}
        for spec in declared.topics
    }
    acls = {
        f"{user} {_RESOURCES[acl.resource]} {acl.name} {pascal(operation)}": {
            "principal": principal.replace("{}", user),
            "type": _RESOURCES[acl.resource],
            "name": acl.name,
            "pattern": _PATTERNS[acl.pattern],
            "operation": pascal(operation),
        }
        for user, given in declared.users.items()
        for acl in given
        for operation in acl.operations
    }
    return {
        "terraform": {"required_providers": {"kafka": {"source": "Mongey/kafka"}}},
        "locals": {"bridge_topics": topics, "bridge_acls": acls},
        "resource": {"kafka_topic": {"bridge": _TOPIC}, "kafka_acl": {"bridge": _ACL}},
    }


_TOPIC: Final = {
    "for_each": "${local.bridge_topics}",
    "name": "${each.key}",
    "partitions": "${each.value.partitions}",
    "replication_factor": "${each.value.replication_factor}",
    "config": "${each.value.config}",
    "lifecycle": {"prevent_destroy": True},
}
_ACL: Final = {
    "for_each": "${local.bridge_acls}",
    "resource_type": "${each.value.type}",
    "resource_name": "${each.value.name}",
    "resource_pattern_type_filter": "${each.value.pattern}",
    "acl_principal": "${each.value.principal}",
    "acl_host": "*",
    "acl_operation": "${each.value.operation}",
    "acl_permission_type": "Allow",
}
