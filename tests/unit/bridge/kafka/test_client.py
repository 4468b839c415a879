from pathlib import Path

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from bridge.kafka.client import client_options
from bridge.kafka.partitioner import partition_for
from bridge.refusals import SettingsError
from bridge.settings import Settings

# Apache Kafka's own vectors: clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2
MURMUR2 = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "hashed"), MURMUR2.items())
def test_the_hash_is_that_of_kafkas_java_client(key: bytes, hashed: int) -> None:
    assert partition_for(key, 2**31) == hashed & 0x7FFFFFFF


@given(st.binary(max_size=64), st.integers(min_value=1, max_value=200))
def test_partitions_are_those_of_aiokafkas_default_partitioner(key: bytes, partitions: int) -> None:
    every = list(range(partitions))
    assert partition_for(key, partitions) == DefaultPartitioner()(key, every, every)


def test_plain_connections_need_nothing_but_servers() -> None:
    settings = Settings(tenant="acme", kafka_bootstrap_servers=("a:1", "b:2"))
    assert client_options(settings) == {"bootstrap_servers": ["a:1", "b:2"], "security_protocol": "PLAINTEXT"}


def test_sasl_gives_mechanism_and_credentials() -> None:
    settings = Settings(
        tenant="acme",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="me",
        kafka_sasl_password="hunter2",
    )
    options = client_options(settings)
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("me", "hunter2")
    assert "ssl_context" not in options


def test_tls_checks_the_brokers_name() -> None:
    context = client_options(Settings(tenant="acme", kafka_security_protocol="SSL"))["ssl_context"]
    assert context.check_hostname


def test_a_useless_certificate_is_a_bad_setting(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    settings = Settings(tenant="acme", kafka_security_protocol="SSL", kafka_ssl_cafile=file)
    with pytest.raises(SettingsError, match="BRIDGE_KAFKA_SSL_CAFILE"):
        client_options(settings)


def test_all_clients_of_a_process_share_what_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is made while a file is half-written must not end its service for a wrong setting."""
    password = tmp_path / "password"
    password.write_text("secret")
    monkeypatch.setenv("BRIDGE_KAFKA_SASL_PASSWORD_FILE", str(password))
    settings = Settings(
        tenant="acme",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="me",
    )
    first = client_options(settings)
    password.unlink()
    second = client_options(settings)
    assert first["ssl_context"] is second["ssl_context"]
    assert first["sasl_plain_password"] is second["sasl_plain_password"]


def test_all_clients_share_their_tokens() -> None:
    settings = Settings(
        tenant="acme",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="OAUTHBEARER",
        kafka_oauth_token_url="https://issuer/token",
        kafka_oauth_client_id="me",
        kafka_oauth_client_secret="secret",
    )
    first, second = client_options(settings), client_options(settings)
    assert first["sasl_mechanism"] == "OAUTHBEARER"
    assert first["sasl_oauth_token_provider"] is second["sasl_oauth_token_provider"]
