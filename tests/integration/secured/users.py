"""Users of the secured broker, each with the ACLs of a part of the bridge, and what they asked for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from bridge.kafka.acls import Acl, Operation, Part, Pattern, Resource, acls
from bridge.settings import Settings
from tests.integration.secured.broker import SecuredBroker
from tests.integration.waiting import wait_until

_ASKED = re.compile(
    r"^\[[^\]]*\] (?P<level>\w+) kafka\.authorizer\.logger - Principal = User:(?P<user>\S+) is (?P<verdict>\w+)"
    r" operation = (?P<operation>\w+) from host = \S+ on resource = (?P<resource>\w+):LITERAL:(?P<name>\S+) ",
    re.MULTILINE,
)


class Asked(NamedTuple):
    """What somebody asked to do, by Kafka's names."""

    operation: str
    resource: str
    name: str


class Users:
    """The administrator makes them. A user's name is `<prefix>-<part>`, its first password the name backwards."""

    def __init__(self, broker: SecuredBroker, settings: Settings) -> None:
        self._broker, self._settings = broker, settings
        self._admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})

    def name(self, part: Part) -> str:
        """The name of this part's user."""
        return f"{self._settings.topic_prefix}-{part}"

    def add_all(self) -> None:
        """A user for each part, with its ACLs and no others."""
        for part, given in acls(self._settings).items():
            self.set_password(part, self.name(part)[::-1])
            self.allow(self.name(part), given)

    def set_password(self, part: Part, password: str) -> None:
        """It counts from then on, for new connections."""
        scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        change = UserScramCredentialUpsertion(self.name(part), scram, password.encode())
        for done in self._admin.alter_user_scram_credentials([change]).values():
            done.result(30)

    def allow(self, user: str, given: Iterable[Acl]) -> None:
        """Return once the broker has these ACLs."""
        bindings = [_binding(user, acl, operation) for acl in given for operation in acl.operations]
        for created in self._admin.create_acls(bindings).values():
            created.result(30)
        every = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            f"User:{user}",
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        wait_until("the broker knows", lambda: len(self._admin.describe_acls(every).result(30)) >= len(bindings))

    def forbid(self, user: str, acl: Acl) -> None:
        """Return once the broker no longer has this ACL, which has one operation."""
        given = _binding(user, acl, acl.operations[0])
        which = AclBindingFilter(
            given.restype,
            given.name,
            given.resource_pattern_type,
            given.principal,
            "*",
            given.operation,
            given.permission_type,
        )
        for deleted in self._admin.delete_acls([which]).values():
            deleted.result(30)
        wait_until("the broker knows", lambda: not self._admin.describe_acls(which).result(30))

    def scram(self, part: Part) -> Mapping[str, str]:
        """Settings with which a bridge logs in as this part."""
        return {
            "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": self._broker.addresses["SCRAM"],
            "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "BRIDGE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "BRIDGE_KAFKA_SASL_USERNAME": self.name(part),
            "BRIDGE_KAFKA_SASL_PASSWORD": self.name(part)[::-1],
            "BRIDGE_KAFKA_SSL_CAFILE": str(self._broker.ca),
        }

    def client(self, part: Part) -> dict[str, str]:
        """The same for a client of confluent_kafka."""
        return {
            "bootstrap.servers": self._broker.addresses["SCRAM"],
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": self.name(part),
            "sasl.password": self.name(part)[::-1],
            "ssl.ca.location": str(self._broker.ca),
        }

    def allowed(self, user: str) -> set[Asked]:
        """What the user asked for and may do."""
        return {asked for asked, verdict, _ in self._asked(user) if verdict == "Allowed"}

    def times(self, user: str, asked: Asked) -> int:
        """How often the user was allowed this."""
        return sum(each == asked and verdict == "Allowed" for each, verdict, _ in self._asked(user))

    def denied(self, user: str) -> set[Asked]:
        """What the user asked for and may not do, without what the broker looks up only to tell what a user may do."""
        return {asked for asked, verdict, level in self._asked(user) if verdict == "Denied" and level == "INFO"}

    def _asked(self, user: str) -> Iterator[tuple[Asked, str, str]]:
        for found in _ASKED.finditer(self._broker.log.read_text(errors="replace")):
            if found["user"] == user:
                asked = Asked(found["operation"], found["resource"].upper(), found["name"])
                yield asked, found["verdict"], found["level"]


def uses(acl: Acl, operation: Operation, asked: Asked) -> bool:
    """Whether this operation of the ACL allows what was asked for."""
    matches = asked.name == acl.name or (acl.pattern is Pattern.PREFIXED and asked.name.startswith(acl.name))
    return matches and asked.resource.replace("_", "") == acl.resource.replace("_", "") and asked.operation == operation


def _binding(user: str, acl: Acl, operation: Operation) -> AclBinding:
    kinds = {
        Resource.TOPIC: ResourceType.TOPIC,
        Resource.GROUP: ResourceType.GROUP,
        Resource.TRANSACTIONAL_ID: ResourceType.TRANSACTIONAL_ID,
    }
    pattern = getattr(ResourcePatternType, acl.pattern)
    allowed = getattr(AclOperation, operation)
    return AclBinding(kinds[acl.resource], acl.name, pattern, f"User:{user}", "*", allowed, AclPermissionType.ALLOW)
