"""A password file: it is read again where aiokafka encodes the password, once for each SCRAM connection."""

from pathlib import Path

import pytest
from aiokafka.conn import ScramAuthenticator

from bridge.kafka.client import client_options
from bridge.kafka.passwords import RenewedPassword
from bridge.refusals import SettingsError
from bridge.settings import Settings

NAME = "kafka_sasl_password"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("first\n")
    return path


def used(password: str) -> bytes:
    """The password that the next SCRAM connection uses."""
    authenticator = ScramAuthenticator(
        loop=None, sasl_plain_password=password, sasl_plain_username="me", sasl_mechanism="SCRAM-SHA-512"
    )
    given: bytes = authenticator._sasl_plain_password
    return given


def test_each_connection_has_what_the_file_holds_then(file: Path) -> None:
    password = RenewedPassword.of(NAME, file)
    assert used(password) == b"first"
    file.write_text("second\n")
    assert used(password) == b"second"


@pytest.mark.parametrize(
    "spoil", [Path.unlink, lambda path: path.write_text(""), lambda path: path.write_bytes(b"\xff")]
)
def test_what_cannot_be_read_or_is_empty_changes_nothing(file: Path, spoil: object) -> None:
    password = RenewedPassword.of(NAME, file)
    assert callable(spoil)
    spoil(file)
    assert used(password) == b"first"


def test_as_text_it_is_what_the_file_held_at_first(file: Path) -> None:
    """For PLAIN, aiokafka joins texts."""
    password = RenewedPassword.of(NAME, file)
    file.write_text("second\n")
    assert "\0".join([password]) == "first"


def test_a_file_that_is_not_there_at_the_start_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BRIDGE_KAFKA_SASL_PASSWORD_FILE"):
        RenewedPassword.of(NAME, tmp_path / "none")


def test_clients_get_one_where_the_settings_name_a_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_KAFKA_SASL_PASSWORD_FILE", str(file))
    settings = Settings(
        tenant="acme",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="me",
    )
    assert isinstance(client_options(settings)["sasl_plain_password"], RenewedPassword)
