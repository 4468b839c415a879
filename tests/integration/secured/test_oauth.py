"""OAUTHBEARER by client credentials: tokens from our own endpoint, and Kafka's own validation of them."""

from collections.abc import Iterator, Mapping

import pytest

from tests.integration.secured.broker import USER, Permissions, SecuredBroker
from tests.integration.secured.conftest import Run
from tests.integration.secured.mistakes import PYTHON
from tests.integration.secured.tokens import CLIENT_SECRET, Endpoint, endpoint
from tests.unit.commands.messages import messages_of


@pytest.fixture
def issuer(secured: SecuredBroker) -> Iterator[Endpoint]:
    with endpoint(secured.tokens) as found:
        yield found


@pytest.fixture
def by_token(secured: SecuredBroker, issuer: Endpoint) -> Mapping[str, str]:
    """Settings of a bridge that comes with a token."""
    return {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": secured.addresses["OAUTH"],
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "BRIDGE_KAFKA_SASL_MECHANISM": "OAUTHBEARER",
        "BRIDGE_KAFKA_SSL_CAFILE": str(secured.ca),
        "BRIDGE_KAFKA_OAUTH_TOKEN_URL": issuer.url,
        "BRIDGE_KAFKA_OAUTH_CLIENT_ID": USER,
        "BRIDGE_KAFKA_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
        "BRIDGE_KAFKA_OAUTH_SCOPE": "kafka",
    }


def test_commands_come_with_a_token_which_serves_all_their_connections(
    bridge: Run, permissions: Permissions, environment: Mapping[str, str], by_token: Mapping[str, str], issuer: Endpoint
) -> None:
    permissions.allow_topics(environment["BRIDGE_TOPIC_PREFIX"])
    permissions.allow_group(environment["BRIDGE_TOPIC_PREFIX"])
    applied = bridge("topics", "apply", "--yes", **by_token)
    assert applied.exit_code == 0, applied.output
    assert issuer.asked == [{"grant_type": ["client_credentials"], "scope": ["kafka"]}]
    verified = bridge("verify", "--wait", "1s", **by_token)
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"BRIDGE_KAFKA_OAUTH_CLIENT_SECRET": "wrong"}, ("401 invalid_client", "BRIDGE_KAFKA_OAUTH_CLIENT_SECRET")),
        ({"BRIDGE_KAFKA_OAUTH_TOKEN_URL": "http://127.0.0.1:1/"}, ("refused", "BRIDGE_KAFKA_OAUTH_TOKEN_URL")),
    ],
)
def test_who_gets_no_token_is_told_why(
    bridge: Run, by_token: Mapping[str, str], changed: Mapping[str, str], said: tuple[str, ...]
) -> None:
    result = bridge("topics", "check", **{**by_token, **changed})
    assert result.exit_code == 2
    assert len(messages_of(result.stderr)) == 1, result.stderr
    assert all(each in result.stderr for each in said), result.stderr
    assert not any(each in result.output for each in PYTHON)


def test_a_token_that_the_brokers_refuse_is_told_as_such(
    bridge: Run, by_token: Mapping[str, str], issuer: Endpoint
) -> None:
    issuer.lasts_s = -600
    result = bridge("topics", "check", **by_token)
    assert result.exit_code == 2
    assert "SASL_AUTHENTICATION_FAILED" in result.stderr
    assert "invalid_token" in result.stderr
    assert "BRIDGE_KAFKA_OAUTH_SCOPE" in result.stderr
