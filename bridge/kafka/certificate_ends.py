"""When the certificates end by which Kafka and this process know each other."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path


def expiries(loaded: ssl.SSLContext, cafile: Path | None, certfile: Path | None) -> dict[str, float]:
    """By setting, when the certificate of its file ends, seconds since 1970; of a file with several authorities, when
    the last one does: until then a broker may have a certificate that is accepted. `loaded` has these files.

    OSError, ValueError: a file cannot be read; there is none of it.
    """
    return dict(_found(loaded, cafile, certfile))


def _found(loaded: ssl.SSLContext, cafile: Path | None, certfile: Path | None) -> Iterator[tuple[str, float]]:
    # Without a file there are the system's authorities in it, which somebody else renews.
    if cafile and (authorities := [_end(found) for found in loaded.get_ca_certs() if isinstance(found, dict)]):
        yield "BRIDGE_KAFKA_SSL_CAFILE", max(authorities)
    if certfile:
        # Python has a reader for the first certificate of a file, which is the process's own; only its name is private.
        yield "BRIDGE_KAFKA_SSL_CERTFILE", _end(ssl._ssl._test_decode_cert(str(certfile)))  # type: ignore[attr-defined]  # noqa: SLF001


def _end(certificate: Mapping[str, object]) -> float:
    return float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))
