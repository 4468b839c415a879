"""Warnings of certificates of services that end soon, from their metrics. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from commands.terminal.services import Service

SOON_S: Final = 14 * 86_400
"""As the alert BridgeCertificateEnds has it."""
_OWN: Final = "BRIDGE_KAFKA_SSL_CERTFILE"
"""The setting of a service's own certificate, which goes with a key; the others are files of authorities."""


class Ending(NamedTuple):
    """A certificate that ends within `SOON_S`: a sentence without its full stop, and a remedy."""

    what: str
    remedy: str
    has_ended: bool


def ending_certificates(who: str, service: Service, now: float) -> Iterator[Ending]:
    """The warnings of one service, `who`; `now` in seconds since 1970. None if it tells of no certificate."""
    for sample in service.metrics.get("bridge_certificate_expiry_timestamp_seconds", ()):
        setting, left_s = sample.labels["setting"], sample.value - now
        if left_s >= SOON_S:
            continue
        has_ended = left_s < 0
        when = f"ended {-left_s / 86_400:.0f} days ago" if has_ended else f"ends in {left_s / 86_400:.0f} days"
        what = f"the certificate in {setting} of {who} {when}"
        files = "the file, and that of the key with it" if setting == _OWN else "the file"
        remedy = f"replace {files}: each new connection reads it; docs/runbook.md#bridgecertificateends says more"
        yield Ending(what, remedy, has_ended)
