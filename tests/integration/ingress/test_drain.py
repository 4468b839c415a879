"""SIGTERM: not ready at once, what is in flight is finished, nothing new is taken, exit code 0."""

from collections.abc import Mapping
from pathlib import Path

from tests.integration.ingress.conftest import Body
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.topic import stored
from tests.integration.ingress.wire import KEY, Wire


def test_a_delivery_in_flight_is_finished_and_later_ones_are_sent_away(
    deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    event, late = body(), body()
    with Ingress(deployment, tmp_path) as ingress:
        ingress.wait_until_ready()
        with Wire(ingress.port) as early, Wire(ingress.port) as other:
            early.head(KEY, f"Content-Length: {len(event)}", "Expect: 100-continue")
            assert early.answer()[0] == 100  # so it is being handled
            ingress.terminate()
            ingress.wait_for_log("draining")
            assert ingress.status("/readyz") == 503
            assert ingress.status("/livez") == 200
            other.head(KEY, f"Content-Length: {len(late)}")
            other.send(late)
            status, headers = other.answer()
            assert (status, headers["connection"]) == (500, "close")
            assert "retry-after" in headers
            assert other.closed()
            early.send(event)
            assert early.answer()[0] == 200
        assert ingress.exit_code() == 0
    raw = f"{deployment['BRIDGE_TOPIC_PREFIX']}.raw.v1"
    values = [record.value for record in stored(deployment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"], raw)]
    assert event in values
    assert late not in values


def test_idle_connections_do_not_hold_it_up(deployment: Mapping[str, str], tmp_path: Path, body: Body) -> None:
    event = body()
    with Ingress(deployment, tmp_path) as ingress:
        ingress.wait_until_ready()
        with Wire(ingress.port) as wire:
            wire.head(KEY, f"Content-Length: {len(event)}")
            wire.send(event)
            assert wire.answer()[0] == 200
            ingress.terminate()
            assert wire.closed()
        assert ingress.exit_code() == 0
