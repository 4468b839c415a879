"""A Kafka that asks who connects: it has a listener for each kind of security, and ACLs (StandardAuthorizer).

The plain listener is the administrator's: whoever connects there may do everything."""

import re
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
from tests.integration.secured.certificates import Authority
from tests.integration.secured.tokens import Tokens
from tests.integration.waiting import wait_until

USER, PASSWORD = "bridge", "right"

_TOPIC = ("DESCRIBE", "CREATE", "READ", "WRITE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
_GROUP = ("READ", "DESCRIBE")
_TRANSACTIONAL_ID = ("WRITE", "DESCRIBE")
_KINDS = {
    "--topic": ResourceType.TOPIC,
    "--group": ResourceType.GROUP,
    "--transactional-id": ResourceType.TRANSACTIONAL_ID,
}


_LISTENERS = {
    "PLAINTEXT": "PLAINTEXT",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
    "SSL": "SSL",
    "SCRAM": "SASL_SSL",
    "MTLS": "SSL",
    "OAUTH": "SASL_SSL",
}
"""Listener -> its kind."""

_OAUTH = "org.apache.kafka.common.security.oauthbearer"


class SecuredBroker(JavaBroker):
    """`addresses` has one for each listener. `ca` is a PEM file to trust them by. `tokens` makes what OAUTH takes.

    A user's name is the client certificate's common name on MTLS, and the token's `sub` on OAUTH."""

    def __init__(self, directory: Path, *, audited: bool = True) -> None:
        """`audited`: whether the log has a line for each question to the authorizer."""
        super().__init__(directory)
        self.java_options = (
            f"-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger={'trace' if audited else 'warn'}"
            f" -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={(directory / 'jwks.json').resolve().as_uri()}"
        )
        self.authority = Authority(directory / "pki")
        self.ca = self.authority.ca
        self.tokens = Tokens(directory / "jwks.json")
        controller, *ports = free_ports(len(_LISTENERS))
        self.addresses = {"PLAINTEXT": self.bootstrap_servers} | {
            name: f"127.0.0.1:{port}" for name, port in zip([*_LISTENERS][1:], ports, strict=True)
        }
        self.sasl, self.tls = self.addresses["SASL_PLAINTEXT"], self.addresses["SSL"]
        # Of two lines with one name in a properties file, the later counts.
        self.properties = java_properties(self._port, controller)
        self.properties += "".join(f"{name}={value}\n" for name, value in self._secured(controller).items())

    @property
    def log(self) -> Path:
        """What the broker says."""
        assert self.directory is not None
        return self.directory / "broker.log"

    def _secured(self, controller: int) -> dict[str, str]:
        server = self.authority.issue("127.0.0.1", "server")
        store = self.authority.ca.with_name("store.pem")
        store.write_bytes(server.keyfile.read_bytes() + server.certfile.read_bytes())
        kinds = "".join(f",{name}:{kind}" for name, kind in _LISTENERS.items())
        listeners = "".join(f"{name}://{address}," for name, address in self.addresses.items())
        return {
            "listeners": f"{listeners}CONTROLLER://127.0.0.1:{controller}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT{kinds}",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "listener.name.sasl_plaintext.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain."
            f'PlainLoginModule required user_{USER}="{PASSWORD}";',
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram."
            "ScramLoginModule required;",
            "listener.name.mtls.ssl.client.auth": "required",
            "listener.name.mtls.ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
            "listener.name.oauth.sasl.enabled.mechanisms": "OAUTHBEARER",
            "listener.name.oauth.oauthbearer.sasl.jaas.config": f"{_OAUTH}.OAuthBearerLoginModule required;",
            "listener.name.oauth.oauthbearer.sasl.server.callback.handler.class": f"{_OAUTH}."
            "OAuthBearerValidatorCallbackHandler",
            "sasl.oauthbearer.jwks.endpoint.url": self.tokens.jwks.resolve().as_uri(),
            "sasl.oauthbearer.expected.audience": "kafka",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(store.resolve()),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca.resolve()),
        }


class Permissions:
    """ACLs of the user, set by the administrator."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})

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
        """Take away all that it needs of its group."""
        self._forbid(_given(ResourceType.GROUP, prefix))

    def forbid_writing(self, prefix: str) -> None:
        """Take away that it may write to topics."""
        self._forbid(_given(ResourceType.TOPIC, prefix, AclOperation.WRITE))

    def forbid_reading(self, topic: str) -> None:
        """Take away that it may read a topic, which an ACL with its whole name allows."""
        self._forbid(_given(ResourceType.TOPIC, topic, AclOperation.READ, ResourcePatternType.LITERAL))

    def forbid_topics(self, prefix: str) -> None:
        """Take away whatever it may do with topics."""
        self._forbid(_given(ResourceType.TOPIC, prefix))

    def allow_as(self, command: list[str]) -> None:
        """Allow what a call of `kafka-acls.sh` would."""
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

    def _forbid(self, given: AclBindingFilter) -> None:
        for deleted in self._admin.delete_acls([given]).values():
            deleted.result(30)
        wait_until("the broker knows", lambda: not self._admin.describe_acls(given).result(30))


def _given(
    kind: ResourceType,
    name: str,
    operation: AclOperation = AclOperation.ANY,
    pattern: ResourcePatternType = ResourcePatternType.PREFIXED,
) -> AclBindingFilter:
    return AclBindingFilter(kind, name, pattern, f"User:{USER}", "*", operation, AclPermissionType.ANY)


def _enum_name(operation: str) -> str:
    """`DescribeConfigs` as the client spells it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()
