"""What all Kafka clients of the bridge share: how to reach the brokers, and how to log in there."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from bridge.kafka.certificates import PemFiles, shared_context
from bridge.kafka.passwords import RenewedPassword
from bridge.kafka.shared_tokens import SharedTokens
from bridge.kafka.tokens import token_provider
from bridge.settings import Settings
from bridge.settings.environment import secret_path

_SETTING: Final = "kafka_sasl_password"


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments common to aiokafka's producer, consumer and admin client.

    SettingsError: a certificate, key or secret's file cannot be used, or a package that the mechanism needs is missing.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.kafka_bootstrap_servers),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.startswith("SASL_"):
        options |= _login(settings)
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = shared_context(PemFiles.of(settings))
    return options


def certificate_expiries(settings: Settings) -> dict[str, float]:
    """By setting, when the certificates in use end, seconds since 1970; none without TLS.

    SettingsError: they cannot be used.
    """
    found: dict[str, float] = {}
    if settings.kafka_security_protocol.endswith("SSL"):
        found |= shared_context(PemFiles.of(settings)).expiries()
    if settings.kafka_security_protocol.startswith("SASL_") and settings.kafka_sasl_mechanism == "OAUTHBEARER":
        found |= shared_context(PemFiles.of_token_endpoint(settings)).expiries()
    return found


def _login(settings: Settings) -> dict[str, Any]:
    if settings.kafka_sasl_mechanism in {"OAUTHBEARER", "AWS_MSK_IAM"}:  # MSK takes its own kind of bearer token
        return {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": _tokens(settings)}
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": _password(settings),
    }


def _password(settings: Settings) -> str:
    path = secret_path(_SETTING)
    if path is not None:
        return _renewed(path)
    held = settings.kafka_sasl_password
    return held.get_secret_value() if held else ""


# One of each for all clients of a process, as of TLS.


@lru_cache(maxsize=8)
def _renewed(path: Path) -> RenewedPassword:
    return RenewedPassword.of(_SETTING, path)


@lru_cache(maxsize=8)
def _tokens(settings: Settings) -> SharedTokens:
    return token_provider(settings)
