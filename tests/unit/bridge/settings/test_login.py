"""What each way to log in needs; refusals name the variables."""

import pytest
from pydantic import ValidationError

from bridge.settings import Settings

SASL = {"tenant": "acme", "kafka_security_protocol": "SASL_SSL"}


@pytest.mark.parametrize(
    ("mechanism", "given", "said"),
    [
        ("PLAIN", {}, "BRIDGE_KAFKA_SASL_USERNAME and BRIDGE_KAFKA_SASL_PASSWORD are needed with SASL_SSL and PLAIN"),
        ("SCRAM-SHA-512", {"kafka_sasl_username": "me"}, "BRIDGE_KAFKA_SASL_PASSWORD is needed"),
        (
            "OAUTHBEARER",
            {"kafka_oauth_token_url": "https://a/"},
            "BRIDGE_KAFKA_OAUTH_CLIENT_ID and BRIDGE_KAFKA_OAUTH_CLIENT_SECRET are needed",
        ),
        ("AWS_MSK_IAM", {}, "BRIDGE_KAFKA_AWS_REGION is needed"),
    ],
)
def test_what_is_lacking_is_named(mechanism: str, given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate({**SASL, "kafka_sasl_mechanism": mechanism, **given})


def test_aws_takes_its_tokens_over_tls_only() -> None:
    given = {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_aws_region": "eu-central-1"}
    with pytest.raises(ValidationError, match="must be SASL_SSL"):
        Settings.model_validate({**SASL, "kafka_sasl_mechanism": "AWS_MSK_IAM", **given})


def test_without_sasl_nothing_is_needed() -> None:
    assert Settings(tenant="acme", kafka_sasl_mechanism="AWS_MSK_IAM").kafka_security_protocol == "PLAINTEXT"


@pytest.mark.parametrize("text", ["logicalCluster", "=x", "a="])
def test_extensions_are_pairs(text: str) -> None:
    with pytest.raises(ValidationError, match="name=value"):
        Settings.model_validate({"tenant": "acme", "kafka_oauth_extensions": text})


def test_a_token_url_that_is_no_http_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"tenant": "acme", "kafka_oauth_token_url": "file:///etc/passwd"})


@pytest.mark.parametrize("user", ["bridge:hunter2", "hunter2", ":hunter2"])
def test_a_token_url_with_a_password_is_refused_without_it(user: str) -> None:
    """Python's HTTP client takes the password for a port, and logs it."""
    with pytest.raises(ValidationError, match="BRIDGE_KAFKA_OAUTH_TOKEN_URL must not hold") as refused:
        Settings.model_validate({"tenant": "acme", "kafka_oauth_token_url": f"https://{user}@a/token"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["ingress_url", "worker_url"])
@pytest.mark.parametrize("user", ["bridge:hunter2", "hunter2", ":hunter2"])
def test_an_address_that_commands_print_holds_no_password(name: str, user: str) -> None:
    with pytest.raises(ValidationError, match="must not hold a user or a password") as refused:
        Settings.model_validate({"tenant": "acme", name: f"https://{user}@a:1/x"})
    assert "hunter2" not in str(refused.value)
    for harmless in ("http://a:1/x", "http://[::1]:1"):
        assert getattr(Settings.model_validate({"tenant": "acme", name: harmless}), name) == harmless
