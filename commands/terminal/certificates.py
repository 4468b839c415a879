"""Warnings of certificates of services that end soon, from their metrics. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from commands.terminal.services import Service

SOON_S: Final = 14 * 86_400
"""As the alert BridgeCertificateEnds has it."""
_REMEDY: Final = (
    "replace the file, and that of the key with it: each new connection reads them;"
    " docs/runbook.md#bridgecertificateends says more"
)
"""The files are the service's own, which may be others than those of this environment."""


class Ending(NamedTuple):
    """A certificate that ends within `SOON_S`: a sentence without its full stop, and a remedy."""

    what: str
    remedy: str
    has_ended: bool


def ending_certificates(who: str, service: Service, now: float) -> Iterator[Ending]:
    """The warnings of one service, `who`; `now` in seconds since 1970. None if it tells of no certificate."""
    for sample in service.metrics.get("bridge_certificate_expiry_timestamp_seconds", ()):
        left_s = sample.value - now
        if left_s >= SOON_S:
            continue
        has_ended = left_s < 0
        when = f"ended {-left_s / 86_400:.0f} days ago" if has_ended else f"ends in {left_s / 86_400:.0f} days"
        what = f"the certificate in {sample.labels['setting']} of {who} {when}"
        yield Ending(what, _REMEDY, has_ended)
