"""A local stack on somebody else's Kafka, which asks who connects."""

import asyncio
import os
from collections.abc import Mapping

import pytest

from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment
from deploy.local.external import delete_topics
from deploy.local.kafka import ExternalKafka
from tests.integration.secured import mistakes
from tests.integration.secured.broker import Permissions, SecuredBroker
from tests.integration.secured.conftest import Run
from tests.integration.secured.mistakes import Mistake


@pytest.fixture
def given(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of whoever runs the stack: how Kafka is reached, and no tenant."""
    given = {name: value for name, value in environment.items() if name.startswith("BRIDGE_KAFKA_")}
    monkeypatch.setattr(os, "environ", given)
    return given


def start(given: Mapping[str, str]) -> None:
    ExternalKafka(given["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"]).start()


def test_it_comes_in_by_the_login_of_the_settings(given: dict[str, str]) -> None:
    """It once asked without one whether Kafka answers, and was never let in."""
    start(given)


def test_it_comes_in_by_tls(given: dict[str, str], secured: SecuredBroker) -> None:
    given |= mistakes.UNTRUSTED.variables(secured)
    given["BRIDGE_KAFKA_SSL_CAFILE"] = str(secured.ca)
    start(given)


@pytest.mark.parametrize("mistake", [mistakes.PASSWORD, mistakes.MECHANISM], ids=["password", "mechanism"])
def test_a_refused_login_is_told_with_the_setting(
    given: dict[str, str], secured: SecuredBroker, mistake: Mistake
) -> None:
    given |= mistake.variables(secured)
    with pytest.raises(BrokenEnvironment) as error:
        start(given)
    assert all(said in str(error.value) for said in mistake.said)
    assert not any(said in str(error.value) for said in mistakes.PYTHON)


def test_a_login_without_its_password_is_told_as_a_setting(given: dict[str, str]) -> None:
    del given["BRIDGE_KAFKA_SASL_PASSWORD"]
    with pytest.raises(BrokenEnvironment, match=r"^BRIDGE_KAFKA_SASL_PASSWORD is needed with"):
        start(given)


def test_topics_that_may_not_be_deleted_are_named_with_kafkas_reason(
    bridge: Run, permissions: Permissions, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was once said that they are deleted, and nobody looked."""
    permissions.allow_topics(environment["BRIDGE_TOPIC_PREFIX"])
    assert bridge("topics", "apply", "--yes").exit_code == 0
    monkeypatch.setattr(os, "environ", environment)
    settings = Settings()
    [sentence] = asyncio.run(delete_topics(settings, [settings.topics.raw, settings.topics.rules]))
    assert "TOPIC_AUTHORIZATION_FAILED" in sentence
    assert sentence.endswith(f"so these topics stay: {settings.topics.raw}, {settings.topics.rules}.")


def test_topics_that_are_deleted_or_were_never_made_are_not_named(
    bridge: Run, secured: SecuredBroker, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": secured.bootstrap_servers,
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
    }
    assert bridge("topics", "apply", "--yes", **administrator).exit_code == 0
    monkeypatch.setattr(os, "environ", {**environment, **administrator})
    settings = Settings()
    assert asyncio.run(delete_topics(settings, [settings.topics.raw, f"{settings.topics.raw}-not"])) == []
    assert settings.topics.raw in bridge("topics", "check", **administrator).output
