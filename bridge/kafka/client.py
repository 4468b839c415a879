"""What all Kafka clients of the bridge share: how to reach the brokers, and which partition a key has."""

from ssl import SSLContext
from typing import Any

from aiokafka.helpers import create_ssl_context

from bridge.refusals import SettingsError
from bridge.settings import Settings


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments common to aiokafka's producer, consumer and admin client.

    SettingsError: a certificate or key cannot be used.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.kafka_bootstrap_servers),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.startswith("SASL_") and settings.kafka_sasl_password:
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = _ssl_context(settings)
    return options


def _ssl_context(settings: Settings) -> SSLContext:
    try:
        context: SSLContext = create_ssl_context(
            cafile=settings.kafka_ssl_cafile,
            certfile=settings.kafka_ssl_certfile,
            keyfile=settings.kafka_ssl_keyfile,
            password="",  # an encrypted key is an error; without this OpenSSL would ask on the terminal  # nosec B106
        )
    except OSError as error:
        files = "BRIDGE_KAFKA_SSL_CAFILE, BRIDGE_KAFKA_SSL_CERTFILE, BRIDGE_KAFKA_SSL_KEYFILE"
        raise SettingsError(f"{files}: one cannot be used: {error}.") from error
    return context
