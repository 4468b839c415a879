"""One secured broker for all tests here, and the environment of a bridge that comes through one of its listeners."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping

import pytest
from typer.testing import CliRunner, Result

from commands.app import app
from tests.integration.secured.broker import PASSWORD, USER, Permissions, SecuredBroker

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """Shared, so nobody may kill it."""
    broker = SecuredBroker(tmp_path_factory.mktemp("secured"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def permissions(secured: SecuredBroker) -> Permissions:
    return Permissions(secured.bootstrap_servers)


@pytest.fixture
def environment(secured: SecuredBroker) -> Mapping[str, str]:
    """A bridge that logs in as it must, under a prefix of its own. It may do nothing yet."""
    return {
        "BRIDGE_TENANT": "acme",
        "BRIDGE_TOPIC_PREFIX": f"secured-{uuid.uuid4().hex[:8]}",
        "BRIDGE_PARTITIONS": "2",
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": secured.sasl,
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "BRIDGE_KAFKA_SASL_USERNAME": USER,
        "BRIDGE_KAFKA_SASL_PASSWORD": PASSWORD,
        "BRIDGE_INGRESS_API_KEYS": "key",
        "BRIDGE_INGRESS_HOST": "127.0.0.1",
        "BRIDGE_WORKER_API_KEYS": "key",
        "BRIDGE_WORKER_WEB_HOST": "127.0.0.1",
        "BRIDGE_SESSION_TIMEOUT": "6s",
    }


@pytest.fixture
def bridge(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`bridge("topics", "check", BRIDGE_X="...")`: run a command, with these variables changed."""
    for name in os.environ:
        if name.startswith("BRIDGE_"):
            monkeypatch.delenv(name)

    def run(*arguments: str, **changed: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env={**environment, **changed})

    return run
