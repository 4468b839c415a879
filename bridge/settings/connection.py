"""Settings of the tenant, and of the way to Kafka."""

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from pydantic import Field, FilePath, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bridge.settings.brokers import Brokers
from bridge.settings.environment import PREFIX
from bridge.settings.types import AnyCase, Pairs, VisibleText

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"]
"""Of SASL. The last one is OAUTHBEARER on the wire, with tokens that AWS's own library makes."""

_PASSWORD: Final = ("kafka_sasl_username", "kafka_sasl_password")
_NEEDED: Final[Mapping[Mechanism, tuple[str, ...]]] = {
    "PLAIN": _PASSWORD,
    "SCRAM-SHA-256": _PASSWORD,
    "SCRAM-SHA-512": _PASSWORD,
    "OAUTHBEARER": ("kafka_oauth_token_url", "kafka_oauth_client_id", "kafka_oauth_client_secret"),
    "AWS_MSK_IAM": ("kafka_aws_region",),
}


def login_problem(protocol: str, mechanism: Mechanism, given: Mapping[str, Any]) -> str | None:
    """What is wrong with the login settings `given`: a sentence without its full stop; None: nothing."""
    if not protocol.startswith("SASL_"):
        return None
    if lacking := [f"{PREFIX}{name.upper()}" for name in _NEEDED[mechanism] if not given[name]]:
        return f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} needed with {protocol} and {mechanism}"
    if mechanism == "AWS_MSK_IAM" and protocol != "SASL_SSL":
        return "BRIDGE_KAFKA_SECURITY_PROTOCOL must be SASL_SSL with AWS_MSK_IAM"
    return None


class Connection(BaseSettings):
    """The first part of `Settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    tenant: VisibleText = Field(
        min_length=1, max_length=200, description="the NewStore tenant; events of another are quarantined"
    )
    kafka_bootstrap_servers: Brokers = Field(("127.0.0.1:9092",), description="brokers, comma separated")
    kafka_security_protocol: AnyCase[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]] = Field(
        "PLAINTEXT", description="`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`"
    )
    kafka_sasl_mechanism: AnyCase[Mechanism] = Field(
        "PLAIN",
        description="`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER`, `AWS_MSK_IAM` ([security](security.md))",
    )
    kafka_sasl_username: VisibleText | None = Field(None, description="needed with PLAIN and SCRAM")
    kafka_sasl_password: SecretStr | None = Field(None, description="needed with PLAIN and SCRAM")
    kafka_oauth_token_url: HttpUrl | None = Field(
        None, description="needed with OAUTHBEARER: where OAuth 2.0 client credentials get a token"
    )
    kafka_oauth_client_id: VisibleText | None = Field(None, description="needed with OAUTHBEARER")
    kafka_oauth_client_secret: SecretStr | None = Field(None, description="needed with OAUTHBEARER")
    kafka_oauth_scope: VisibleText | None = Field(
        None, description="what the token is asked for, if the endpoint wants that"
    )
    kafka_oauth_extensions: Pairs = Field(
        (), description="told to Kafka beside the token, `name=value`, comma separated, as `logicalCluster=lkc-1`"
    )
    kafka_oauth_cafile: FilePath | None = Field(
        None, description="CA certificates (PEM) of the token endpoint; default: the system's"
    )
    kafka_aws_region: VisibleText | None = Field(
        None, description="needed with AWS_MSK_IAM; credentials: as AWS's own tools"
    )
    kafka_ssl_cafile: FilePath | None = Field(None, description="CA certificates (PEM); default: the system's")
    kafka_ssl_certfile: FilePath | None = Field(None, description="client certificate (PEM) for mTLS")
    kafka_ssl_keyfile: FilePath | None = Field(None, description="its private key (PEM)")

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if problem := login_problem(self.kafka_security_protocol, self.kafka_sasl_mechanism, dict(self)):
            raise ValueError(problem)
        if (url := self.kafka_oauth_token_url) and (url.username or url.password):
            # They are sent to nobody, and would be in the log with the URL.
            pair = "BRIDGE_KAFKA_OAUTH_CLIENT_ID and BRIDGE_KAFKA_OAUTH_CLIENT_SECRET"
            raise ValueError(f"BRIDGE_KAFKA_OAUTH_TOKEN_URL must not hold a user or a password: they are {pair}")
        if bool(self.kafka_ssl_certfile) != bool(self.kafka_ssl_keyfile):
            raise ValueError("BRIDGE_KAFKA_SSL_CERTFILE and BRIDGE_KAFKA_SSL_KEYFILE go together")
        return self
