"""Wrong ways to connect to a secured Kafka, and what the bridge must say about each."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.integration.secured.broker import SecuredBroker


class Mistake(NamedTuple):
    """The wrong variables, and what must be said: Kafka's or the network's words, and the remedy."""

    variables: Callable[[SecuredBroker], Mapping[str, str]]
    said: tuple[str, ...]


PASSWORD = Mistake(
    lambda _: {"BRIDGE_KAFKA_SASL_PASSWORD": "wrong"},
    ("SASL_AUTHENTICATION_FAILED", "Invalid username or password", "BRIDGE_KAFKA_SASL_PASSWORD"),
)
MECHANISM = Mistake(
    lambda _: {"BRIDGE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"},
    ("UNSUPPORTED_SASL_MECHANISM", "BRIDGE_KAFKA_SASL_MECHANISM is SCRAM-SHA-512"),
)
NO_LOGIN = Mistake(
    lambda _: {"BRIDGE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"},
    ("has closed the connection", "BRIDGE_KAFKA_SECURITY_PROTOCOL is PLAINTEXT"),
)
LOGIN_NOT_ASKED_FOR = Mistake(
    lambda broker: {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers},
    ("ILLEGAL_SASL_STATE", "BRIDGE_KAFKA_SECURITY_PROTOCOL is SASL_PLAINTEXT"),
)
PLAIN_TO_TLS = Mistake(
    lambda broker: {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": broker.tls,
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
    },
    ("has closed the connection", "BRIDGE_KAFKA_SECURITY_PROTOCOL is PLAINTEXT"),
)
TLS_TO_PLAIN = Mistake(
    lambda broker: {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SSL",
        "BRIDGE_KAFKA_SSL_CAFILE": str(broker.ca),
    },
    ("has closed the connection", "BRIDGE_KAFKA_SECURITY_PROTOCOL is SSL"),
)
UNTRUSTED = Mistake(
    lambda broker: {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": broker.tls, "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SSL"},
    ("certificate is not accepted", "self-signed certificate", "BRIDGE_KAFKA_SSL_CAFILE"),
)

ALL = {
    "password": PASSWORD,
    "mechanism": MECHANISM,
    "no login": NO_LOGIN,
    "login not asked for": LOGIN_NOT_ASKED_FOR,
    "plain to TLS": PLAIN_TO_TLS,
    "TLS to plain": TLS_TO_PLAIN,
    "untrusted": UNTRUSTED,
}

PYTHON = ("Error(", "Exception", "Traceback", "AddressFamily", "Unclosed", "never retrieved", "object at 0x", "<AIO")
"""What nobody should have to read."""
