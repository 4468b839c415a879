"""Errors in Kafka's words, with the remedy. tests/integration/secured has what real brokers answer."""

import ssl
import time
from asyncio import IncompleteReadError
from pathlib import Path

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InvalidSessionTimeoutError,
    InvalidTimestampError,
    InvalidTransactionTimeout,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    NodeNotReadyError,
    RecordListTooLargeError,
    RequestTimedOutError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.structs import TopicPartition

from bridge.kafka import words
from bridge.kafka.aiokafka_defects import InvalidRecordError
from bridge.kafka.shared_tokens import NoTokenError, RefusedTokenError
from bridge.kafka.words import error_name, in_words
from bridge.refusals import SettingsError, TopicsRefused
from bridge.settings import Settings

SASL = Settings(
    tenant="acme",
    kafka_security_protocol="SASL_PLAINTEXT",
    kafka_sasl_username="bridge",
    kafka_sasl_password="secret",
)
PLAIN = Settings(tenant="acme")
THREE = Settings(tenant="acme", kafka_bootstrap_servers=("kafka-1:9092", "kafka-2:9092", "kafka-3:9092"))


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (GroupAuthorizationFailedError("newstore.bridge.v1"), "GROUP_AUTHORIZATION_FAILED (newstore.bridge.v1)"),
        (TopicAuthorizationFailedError("newstore.raw.v1"), "TOPIC_AUTHORIZATION_FAILED (newstore.raw.v1)"),
        (TopicAuthorizationFailedError({"b", "a"}), "TOPIC_AUTHORIZATION_FAILED (a, b)"),
        (TransactionalIdAuthorizationFailed("lane-1"), "TRANSACTIONAL_ID_AUTHORIZATION_FAILED (lane-1)"),
    ],
)
def test_a_missing_permission_is_named_and_who_prints_the_command_that_gives_it(error: Exception, said: str) -> None:
    """The error does not say which permission is missing, and a command that allows all it may be allows too much."""
    assert in_words(error, SASL) == (
        f"Kafka says {said}: `bridge doctor`, as User:bridge, prints the command that allows it"
    )


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


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, "the certificate of BRIDGE_KAFKA_SSL_CERTFILE has ended at 2"), (1, "check BRIDGE_KAFKA_SSL_CERTFILE")],
)
def test_a_client_certificate_that_has_ended_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch, days: int, said: str
) -> None:
    """Kafka says only that it does not know the certificate."""
    ends = {"BRIDGE_KAFKA_SSL_CERTFILE": time.time() + days * 86_400}
    monkeypatch.setattr(words, "certificate_expiries", lambda _: ends)
    refused = ssl.SSLError(1, "x")
    refused.reason = "SSLV3_ALERT_CERTIFICATE_UNKNOWN"
    unknown = caused(KafkaConnectionError("x"), refused)
    assert said in in_words(unknown, PLAIN)


def test_files_that_cannot_be_read_hide_no_other_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: Settings) -> dict[str, float]:
        raise SettingsError("no file")

    monkeypatch.setattr(words, "certificate_expiries", unreadable)
    refused = ssl.SSLError(1, "x")
    refused.reason = "X"
    assert "we agree on no TLS (x): check" in in_words(refused, PLAIN)


OAUTH = Settings(
    tenant="acme",
    kafka_security_protocol="SASL_SSL",
    kafka_sasl_mechanism="OAUTHBEARER",
    kafka_oauth_token_url="https://issuer/token",
    kafka_oauth_client_id="bridge",
    kafka_oauth_client_secret="secret",
)
MSK = Settings(
    tenant="acme",
    kafka_security_protocol="SASL_SSL",
    kafka_sasl_mechanism="AWS_MSK_IAM",
    kafka_aws_region="eu-central-1",
)


@pytest.mark.parametrize("kind", [NoTokenError, RefusedTokenError])
def test_who_has_no_token_is_not_told_of_kafka(kind: type[Exception]) -> None:
    said = in_words(caused(KafkaConnectionError("Unable to bootstrap"), kind("the endpoint answers 401")), OAUTH)
    assert said.startswith("There is no token to log in to Kafka with, the endpoint answers 401: check")
    assert "BRIDGE_KAFKA_OAUTH_CLIENT_SECRET" in said
    assert "No Kafka answers" not in said
    assert "check the account" in in_words(kind("no credentials"), MSK)


def test_an_endpoint_whose_certificate_is_not_accepted_names_its_authorities_and_no_secret() -> None:
    unknown = caused(NoTokenError("the token endpoint gives no token (x)"), ssl.SSLCertVerificationError(1, "x"))
    said = in_words(unknown, OAUTH)
    assert "check BRIDGE_KAFKA_OAUTH_CAFILE, and that BRIDGE_KAFKA_OAUTH_TOKEN_URL has the certificate's name" in said
    assert "SECRET" not in said


def test_a_refused_token_names_the_settings_of_its_mechanism() -> None:
    refused = SaslAuthenticationFailed("invalid_token")
    assert "BRIDGE_KAFKA_OAUTH_SCOPE" in in_words(refused, OAUTH)
    assert "BRIDGE_KAFKA_AWS_REGION" in in_words(refused, MSK)
    assert "BRIDGE_KAFKA_SASL_PASSWORD" in in_words(refused, SASL)


def test_whoever_comes_by_token_is_the_tokens_subject() -> None:
    assert "'User:<subject of the token>'" in in_words(GroupAuthorizationFailedError("g"), OAUTH)


def test_a_session_timeout_that_the_broker_refuses_names_the_setting() -> None:
    assert "BRIDGE_SESSION_TIMEOUT" in in_words(InvalidSessionTimeoutError(), PLAIN)


def test_a_transaction_timeout_that_the_broker_refuses_names_both_settings_and_the_least_value() -> None:
    assert in_words(InvalidTransactionTimeout("txn"), PLAIN) == (
        "Kafka says INVALID_TRANSACTION_TIMEOUT (txn): set the broker's transaction.max.timeout.ms to 10000 or more, or"
        " BRIDGE_TRANSACTION_TIMEOUT within it"
    )


def test_a_timestamp_that_the_broker_refuses_is_a_matter_of_clocks() -> None:
    assert in_words(InvalidTimestampError(), PLAIN) == (
        "Kafka says INVALID_TIMESTAMP (The timestamp of the message is out of acceptable range): this machine's clock"
        " is more than an hour ahead of the broker's, or half a day behind: run an NTP client on both; or"
        " `bridge topics check` names a setting"
    )


NOBODY = KafkaConnectionError("Unable to bootstrap from [('127.0.0.1', 9092, <AddressFamily.AF_INET: 2>)]")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (NOBODY, ""),
        (caused(KafkaConnectionError(*NOBODY.args), OSError(111, "Connect call failed")), " (Connection refused)"),
    ],
)
def test_where_nobody_lets_us_in_the_addresses_are_told_and_no_python(error: Exception, why: str) -> None:
    assert in_words(error, PLAIN) == (
        f"No Kafka answers at 127.0.0.1:9092{why}: start it, or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "A broker does not answer"),
        (RequestTimedOutError(), "A broker does not answer"),
        (
            KafkaTimeoutError("it did not acknowledge within 2 s"),
            "A broker does not answer (it did not acknowledge within 2 s)",
        ),
        (
            caused(KafkaConnectionError("Connection at kafka-2:9092 closed"), TimeoutError()),
            "Broker kafka-2:9092 does not answer",
        ),
    ],
)
def test_an_answer_that_is_late_may_be_held_back_by_a_client_quota(error: Exception, said: str) -> None:
    assert in_words(error, THREE) == (
        f"{said}: see whether it runs, and whether a client quota holds us back; `bridge doctor` tries each of them"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            NodeNotReadyError("Attempt to send a request to node which is not ready (node id 3)."),
            "Broker 3 does not answer",
        ),
        (KafkaConnectionError("No connection to broker at kafka-2:9092"), "Broker kafka-2:9092 does not answer"),
        (
            caused(KafkaConnectionError("Connection at kafka-2:9092 broken: [Errno 32]"), OSError(32, "x")),
            "Broker kafka-2:9092 does not answer (Broken pipe)",
        ),
    ],
)
def test_the_silence_of_one_broker_is_not_that_of_kafka(error: Exception, said: str) -> None:
    assert in_words(error, THREE) == f"{said}: see whether it runs; `bridge doctor` tries each of them"


@pytest.mark.parametrize("error", [ConnectionResetError(104, "x"), IncompleteReadError(b"", 4)])
def test_a_connection_that_is_closed_at_once_is_unlike_in_tls_or_one_too_many(error: Exception) -> None:
    assert in_words(caused(KafkaConnectionError("Unable to bootstrap"), error), PLAIN) == (
        "127.0.0.1:9092 has closed the connection: BRIDGE_KAFKA_SECURITY_PROTOCOL is PLAINTEXT, and the listener there"
        " may want TLS, or has no room for one more connection (`max.connections.per.ip`, `max.connections`)"
    )


def test_what_aiokafka_says_of_an_answer_of_kafka_is_not_told_as_kafkas_words() -> None:
    wrapped = caused(KafkaError("Unexpected error during batch delivery"), MessageSizeTooLargeError())
    assert in_words(wrapped, PLAIN) == in_words(MessageSizeTooLargeError(), PLAIN)
    silent = caused(KafkaError("Unexpected error during batch delivery"), RequestTimedOutError())
    assert in_words(silent, PLAIN) == in_words(RequestTimedOutError(), PLAIN)


def test_what_is_too_large_is_told_with_the_topics_limit() -> None:
    told = in_words(MessageSizeTooLargeError(), PLAIN)
    assert told.startswith("Kafka says MESSAGE_TOO_LARGE (")
    assert "max.message.bytes" in told
    assert "segment.bytes" in in_words(RecordListTooLargeError(), PLAIN)
    assert error_name(MessageSizeTooLargeError()) == "MESSAGE_TOO_LARGE"


@pytest.mark.parametrize(
    "error",
    [
        NodeNotReadyError("Attempt to send a request to node which is not ready (node id 1)."),
        KafkaConnectionError("Connection at kafka-2:9092 closed"),
        KafkaTimeoutError(),
        RequestTimedOutError(),
        TimeoutError(),
        OSError(111, "Connect call failed ('10.0.0.7', 9092)"),
    ],
    ids=repr,
)
def test_whoever_may_not_know_the_brokers_is_not_told_which_one_is_silent(error: Exception) -> None:
    """Answers to deliveries use these words. aiokafka's own words hold addresses, and are no sentence."""
    assert error_name(error) == "Kafka does not answer"


def test_what_has_no_remedy_is_told_as_kafka_says_it() -> None:
    assert in_words(InvalidRecordError(), PLAIN).startswith("Kafka says INVALID_RECORD (")


def test_the_partition_that_an_error_names_is_told() -> None:
    assert in_words(LeaderNotAvailableError(TopicPartition("t", 3)), PLAIN).endswith("LEADER_NOT_AVAILABLE (t/3)")


def test_the_bridges_own_refusals_are_sentences_already() -> None:
    assert in_words(TopicsRefused("Kafka refused raw."), PLAIN) == "Kafka refused raw"


def test_what_nobody_expected_keeps_its_kind() -> None:
    assert in_words(ValueError("odd"), PLAIN) == "ValueError: odd"
    assert in_words(KeyError(), PLAIN) == "KeyError"
