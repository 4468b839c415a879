"""Notices headers of deliveries that nobody has described, so that one which NewStore sends does not stay unseen. The
bridge depends on none of them."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from bridge.log import get_logger
from bridge.printable import printable

MOST_SPELLINGS: Final = 128
"""So many different names of headers are looked at, known ones too, then no more: callers can invent any number."""

_KNOWN: Final = frozenset(
    {
        *("accept", "authorization", "cache-control", "connection", "cookie", "date", "expect", "forwarded", "from"),
        *("host", "keep-alive", "max-forwards", "origin", "pragma", "priority", "referer", "te", "trailer"),
        *("transfer-encoding", "upgrade", "user-agent", "via"),
        *("b3", "baggage", "traceparent", "tracestate", "uber-trace-id", "newrelic", "sentry-trace"),
        *("cdn-loop", "client-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "x-correlation-id"),
        *("x-original-uri", "x-original-url", "x-real-ip", "x-request-id", "x-request-start", "x-scheme"),
    }
)
_KNOWN_BEGINNINGS: Final = (
    *("accept-", "content-", "proxy-", "sec-", "x-forwarded-", "x-original-forwarded-"),  # HTTP and proxies
    *("x-b3-", "x-cloud-trace-", "x-datadog-", "x-newrelic-", "x-ot-"),  # tracing
    *("cf-", "cloudfront-", "fastly-", "fly-", "x-akamai-", "x-amz-", "x-amzn-", "x-appengine-"),  # hosts
    *("x-appgw-", "x-arr-", "x-azure-", "x-cloudfront-", "x-envoy-", "x-fastly-", "x-goog-", "x-istio-", "x-vercel-"),
)
"""What HTTP clients, proxies, load balancers and tracing usually add."""

_name_of: Final = itemgetter(0)

log = get_logger(__name__)


class UnknownHeaders:
    """Is told of each event that is stored. The log has a line for new names: the names only, as values may be personal
    data or keys."""

    def __init__(self) -> None:
        self._spellings: set[bytes] = set()
        self._told: set[str] = set()

    def look(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Look at the headers of a request, as they came over the wire."""
        if self._is_full or self._spellings.issuperset(map(_name_of, headers)):  # nearly always; under a microsecond
            return
        new: list[str] = []
        for name, _ in headers:
            if name not in self._spellings and not self._is_full:
                self._spellings.add(name)
                lower = name.decode("latin-1").lower()
                if lower not in self._told and lower not in _KNOWN and not lower.startswith(_KNOWN_BEGINNINGS):
                    self._told.add(lower)
                    new.append(printable(lower))
        if new:
            # The names are in the text: lines of one text would be left out as repeats of each other.
            said = f"deliveries carry headers that the bridge does not know: {', '.join(new)}"
            log.info(said)
        if self._is_full:
            log.info("no further names of headers are looked at until this process ends", looked_at=MOST_SPELLINGS)

    @property
    def _is_full(self) -> bool:
        return len(self._spellings) >= MOST_SPELLINGS
