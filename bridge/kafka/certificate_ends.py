"""When the certificates end by which Kafka and this process know each other."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from bridge.settings import Settings


def expiries(settings: Settings) -> dict[str, float]:
    """By setting, when the certificate in its file ends, seconds since 1970; of a file with several authorities, when
    the last one does: until then a broker may have a certificate that is accepted.

    OSError, ValueError: a file cannot be read; there is none of it.
    """
    if not settings.kafka_security_protocol.endswith("SSL"):
        return {}
    return dict(_found(settings))


def _found(settings: Settings) -> Iterator[tuple[str, float]]:
    if settings.kafka_ssl_cafile and (authorities := _authorities(settings.kafka_ssl_cafile)):
        yield "BRIDGE_KAFKA_SSL_CAFILE", max(authorities)
    if settings.kafka_ssl_certfile:
        yield "BRIDGE_KAFKA_SSL_CERTFILE", _own(settings.kafka_ssl_certfile)


def _authorities(path: Path) -> list[float]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    return [_end(found["notAfter"]) for found in context.get_ca_certs() if isinstance(found, dict)]


def _own(path: Path) -> float:
    # Python has a reader for the first certificate of a file, which is the process's own; only its name is private.
    found = ssl._ssl._test_decode_cert(str(path))  # type: ignore[attr-defined]  # noqa: SLF001
    return _end(found["notAfter"])


def _end(text: object) -> float:
    return float(ssl.cert_time_to_seconds(str(text)))
