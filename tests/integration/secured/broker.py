"""A Kafka that asks who one is: a listener for each kind of security, and ACLs (StandardAuthorizer).

Its plain listener is the administrator's: whoever comes that way may do everything.
"""

import re
import subprocess
from itertools import pairwise
from pathlib import Path

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from deploy.local.broker import JavaBroker
from deploy.local.ports import free_ports
from deploy.local.properties import java_properties
from tests.integration.waiting import wait_until

USER, PASSWORD = "bridge", "right"
_STORE_PASSWORD = "only for tests"

_TOPIC = ("DESCRIBE", "CREATE", "READ", "WRITE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
_GROUP = ("READ", "DESCRIBE")
_TRANSACTIONAL_ID = ("WRITE", "DESCRIBE")
_KINDS = {
    "--topic": ResourceType.TOPIC,
    "--group": ResourceType.GROUP,
    "--transactional-id": ResourceType.TRANSACTIONAL_ID,
}


class SecuredBroker(JavaBroker):
    """`sasl` and `tls` are the addresses of its other listeners; `ca` is a PEM file to trust it by."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        sasl, tls, controller = free_ports(3)
        self.sasl, self.tls = f"127.0.0.1:{sasl}", f"127.0.0.1:{tls}"
        self.ca = directory / "ca.pem"
        listeners = f"PLAINTEXT://{self.bootstrap_servers},SASL_PLAINTEXT://{self.sasl},SSL://{self.tls}"
        secured = {
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,"
            "SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain."
            f'PlainLoginModule required user_{USER}="{PASSWORD}";',
            "ssl.keystore.location": "server.p12",
            "ssl.keystore.password": _STORE_PASSWORD,
        }
        # In a properties file the later of two lines of one name counts.
        self.properties = java_properties(self._port, controller)
        self.properties += "".join(f"{name}={value}\n" for name, value in secured.items())

    def _prepared(self) -> Path:
        directory = super()._prepared()
        if not self.ca.exists():
            _make_certificate(directory, self.ca)
        return directory


class Permissions:
    """ACLs of the user, set by the administrator."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers})

    def allow_topics(self, prefix: str) -> None:
        """All that the bridge needs on its topics and transactional ids."""
        self.allow_only_topics(prefix)
        self._allow(ResourceType.TRANSACTIONAL_ID, prefix, _TRANSACTIONAL_ID)

    def allow_only_topics(self, prefix: str) -> None:
        """All that it needs on its topics."""
        self._allow(ResourceType.TOPIC, prefix, _TOPIC)

    def allow_group(self, prefix: str) -> None:
        """All that it needs of its group."""
        self._allow(ResourceType.GROUP, prefix, _GROUP)

    def forbid_group(self, prefix: str) -> None:
        """Take that away again."""
        for deleted in self._admin.delete_acls([_given(ResourceType.GROUP, prefix)]).values():
            deleted.result(30)

    def forbid_writing(self, prefix: str) -> None:
        """Take away that it may write to topics."""
        for deleted in self._admin.delete_acls([_given(ResourceType.TOPIC, prefix, AclOperation.WRITE)]).values():
            deleted.result(30)

    def allow_as(self, command: list[str]) -> None:
        """As a call of `kafka-acls.sh` would."""
        options = list(pairwise(command))
        pattern = dict(options).get("--resource-pattern-type", "literal")
        operations = tuple(_enum_name(value) for name, value in options if name == "--operation")
        assert f"User:{USER}" in command
        for name, value in options:
            if kind := _KINDS.get(name):
                self._allow(kind, value, operations, ResourcePatternType[pattern.upper()])

    def _allow(
        self,
        kind: ResourceType,
        name: str,
        operations: tuple[str, ...],
        pattern: ResourcePatternType = ResourcePatternType.PREFIXED,
    ) -> None:
        bindings = [
            AclBinding(
                kind,
                name,
                pattern,
                f"User:{USER}",
                "*",
                getattr(AclOperation, operation),
                AclPermissionType.ALLOW,
            )
            for operation in operations
        ]
        for created in self._admin.create_acls(bindings).values():
            created.result(30)
        given = _given(kind, name, pattern=pattern)
        wait_until("the broker knows", lambda: len(self._admin.describe_acls(given).result(30)) >= len(bindings))


def _given(
    kind: ResourceType,
    name: str,
    operation: AclOperation = AclOperation.ANY,
    pattern: ResourcePatternType = ResourcePatternType.PREFIXED,
) -> AclBindingFilter:
    return AclBindingFilter(kind, name, pattern, f"User:{USER}", "*", operation, AclPermissionType.ANY)


def _enum_name(operation: str) -> str:
    """`DescribeConfigs` as the client has it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()


def _make_certificate(directory: Path, ca: Path) -> None:
    store = ["-keystore", "server.p12", "-storetype", "PKCS12", "-storepass", _STORE_PASSWORD, "-alias", "server"]
    name = ["-dname", "CN=127.0.0.1", "-ext", "SAN=ip:127.0.0.1", "-keyalg", "EC", "-validity", "2"]
    for command in (["-genkeypair", *name, *store], ["-exportcert", "-rfc", "-file", str(ca), *store]):
        subprocess.run(["keytool", *command], cwd=directory, check=True, capture_output=True)
