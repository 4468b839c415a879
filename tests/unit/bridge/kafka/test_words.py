"""Errors in Kafka's words, with the remedy. What real brokers answer is in tests/integration/secured."""

from pathlib import Path

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InvalidSessionTimeoutError,
    KafkaConnectionError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from bridge.kafka.words import error_name, in_words
from bridge.refusals import TopicsRefused
from bridge.settings import Settings

SASL = Settings(
    tenant="acme",
    kafka_security_protocol="SASL_PLAINTEXT",
    kafka_sasl_username="bridge",
    kafka_sasl_password="secret",
)
PLAIN = Settings(tenant="acme")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "name", "option"),
    [
        (GroupAuthorizationFailedError("newstore.bridge.v1"), "GROUP_AUTHORIZATION_FAILED", "--group newstore."),
        (TopicAuthorizationFailedError({"newstore.raw.v1"}), "TOPIC_AUTHORIZATION_FAILED", "--topic newstore."),
        (
            TransactionalIdAuthorizationFailed(),
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
            "--transactional-id newstore.",
        ),
    ],
)
def test_a_missing_permission_is_a_command_that_gives_it(error: Exception, name: str, option: str) -> None:
    said = in_words(error, SASL)
    assert said.startswith(f"Kafka says {name} (")
    assert "kafka-acls.sh --bootstrap-server 127.0.0.1:9092 --add --allow-principal User:bridge" in said
    assert option in said


def test_the_principal_is_who_kafka_takes_us_for(tmp_path: Path) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).touch()
    by_certificate = Settings(
        tenant="acme",
        kafka_security_protocol="SSL",
        kafka_ssl_certfile=tmp_path / "cert",
        kafka_ssl_keyfile=tmp_path / "key",
    )
    missing = GroupAuthorizationFailedError("g")
    assert "User:ANONYMOUS" in in_words(missing, PLAIN)
    assert "subject of BRIDGE_KAFKA_SSL_CERTFILE" in in_words(missing, by_certificate)


def test_a_session_timeout_that_the_broker_refuses_names_the_setting() -> None:
    assert "BRIDGE_SESSION_TIMEOUT" in in_words(InvalidSessionTimeoutError(), PLAIN)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (KafkaConnectionError("Unable to bootstrap from [('127.0.0.1', 9092, <AddressFamily.AF_INET: 2>)]"), ""),
        (TimeoutError(), ""),
        (KafkaTimeoutError("it did not acknowledge within 2 s"), " (it did not acknowledge within 2 s)"),
        (caused(KafkaConnectionError("x"), OSError(111, "Connect call failed ('::1', 1)")), " (Connection refused)"),
    ],
)
def test_silence_is_told_with_the_address_and_no_python(error: Exception, why: str) -> None:
    assert in_words(error, PLAIN) == (
        f"No Kafka answers at 127.0.0.1:9092{why}: start it, or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS"
    )


def test_what_has_no_remedy_is_told_as_kafka_says_it() -> None:
    assert in_words(MessageSizeTooLargeError(), PLAIN).startswith("Kafka says MESSAGE_SIZE_TOO_LARGE (")
    assert error_name(MessageSizeTooLargeError()) == "MESSAGE_SIZE_TOO_LARGE"


def test_the_bridges_own_refusals_are_sentences_already() -> None:
    assert in_words(TopicsRefused("Kafka refused raw."), PLAIN) == "Kafka refused raw"


def test_what_nobody_expected_keeps_its_kind() -> None:
    assert in_words(ValueError("odd"), PLAIN) == "ValueError: odd"
    assert in_words(KeyError(), PLAIN) == "KeyError"
