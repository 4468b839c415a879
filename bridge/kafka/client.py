"""What all Kafka clients of the bridge share: how to reach the brokers, and how to log in there."""

from functools import lru_cache
from typing import Any

from bridge.kafka.certificates import PemFiles, RenewedContext
from bridge.kafka.passwords import RenewedPassword
from bridge.kafka.tokens import SharedTokens, token_provider
from bridge.settings import Settings
from bridge.settings.environment import secret_path


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments common to aiokafka's producer, consumer and admin client.

    SettingsError: a certificate or key cannot be used, or a package that the mechanism needs is not there.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.kafka_bootstrap_servers),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.startswith("SASL_"):
        options |= _login(settings)
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = RenewedContext.of(PemFiles.of(settings))
    return options


def _login(settings: Settings) -> dict[str, Any]:
    if settings.kafka_sasl_mechanism in {"OAUTHBEARER", "AWS_MSK_IAM"}:  # MSK takes its own kind of bearer token
        return {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": _tokens(settings)}
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": _password(settings),
    }


def _password(settings: Settings) -> str:
    held = settings.kafka_sasl_password
    path = secret_path("kafka_sasl_password")
    if path is not None:
        return RenewedPassword.of("kafka_sasl_password", path)
    return held.get_secret_value() if held else ""


@lru_cache(maxsize=8)
def _tokens(settings: Settings) -> SharedTokens:
    """One for all clients of a process: its settings are the same for ever."""
    return token_provider(settings)
