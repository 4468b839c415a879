"""A gateway was changed, and nothing that NewStore sends is a delivery any more: whoever must mend it hears of it."""

from collections.abc import Mapping
from pathlib import Path

from tests.integration.alarms import Alarms
from tests.integration.ingress.conftest import Serve
from tests.integration.ingress.wire import KEY, Wire


def ask(port: int, *headers: str, before: bytes = b"", request: str = "POST /webhooks/newstore HTTP/1.1") -> int:
    """Send a request on a connection of its own, with these bytes before it. Returns the answer's status."""
    with Wire(port) as wire:
        wire.send(before)
        wire.head(*headers, "Content-Length: 0", request=request)
        return wire.answer()[0]


def test_what_comes_another_way_is_an_alarm(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, alarms: Alarms
) -> None:
    """Without the key it is no alarm."""
    with serve(deployment, tmp_path) as ingress:
        ingress.wait_until_ready()
        misdirected, unread = alarms, alarms.anew()
        without = alarms.anew()
        without.was_well(ingress=lambda: ingress.page("/metrics"))
        assert ask(ingress.port, request="POST /webhook/newstore HTTP/1.1") == 404
        assert ask(ingress.port, request="PUT /webhooks/newstore HTTP/1.1") == 405
        ingress.wait_until_page("/metrics", 'bridge_ingress_requests_total{status="405"} 1.0')
        without.goes_on(ingress=lambda: ingress.page("/metrics"))

        misdirected.was_well(ingress=lambda: ingress.page("/metrics"))
        assert ask(ingress.port, KEY, request="POST /webhook/newstore HTTP/1.1") == 404
        assert ask(ingress.port, KEY, request="PUT /webhooks/newstore HTTP/1.1") == 405
        ingress.wait_for_log('"path": "/webhook/newstore"')
        ingress.wait_until_page("/metrics", 'bridge_ingress_refused_total{cause="method",status="405"} 1.0')
        misdirected.goes_on(ingress=lambda: ingress.page("/metrics"))

        unread.was_well(ingress=lambda: ingress.page("/metrics"))
        assert ask(ingress.port, KEY, before=b"PROXY TCP4 192.0.2.1 192.0.2.2 50000 8080\r\n") == 500
        assert ask(ingress.port, KEY, f"X-Long: {'x' * 70_000}") == 500
        ingress.wait_until_page("/metrics", 'bridge_http_refused_total{cause="header_bytes",port="webhook"} 1.0')
        unread.goes_on(ingress=lambda: ingress.page("/metrics"))
    without.assert_raised()
    misdirected.assert_raised("BridgeMisdirected critical")
    unread.assert_raised("BridgeUnreadableRequests warning")
