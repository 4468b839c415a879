"""`bridge explain` where there is nothing to find, or no worker has processed it yet."""

import json
import time
from typing import Any

import pytest
from confluent_kafka import Producer

from bridge.settings import Settings
from schemas.headers import quarantine_headers
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand, Headers, order_event
from tests.integration.waiting import PATIENCE
from tests.unit.commands.evidence.records import accepted, body

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def hand(bridge: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ByHand:
    """A deployment with empty topics, and without a worker."""
    monkeypatch.setenv("BRIDGE_WORKER_URL", "http://127.0.0.1:1")
    assert bridge("topics", "apply", "--yes").exit_code == 0
    return ByHand(settings)


def write(settings: Settings, topic: str, value: bytes, headers: Headers) -> None:
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})
    producer.produce(topic, value, b"order.created", partition=0, headers=headers, timestamp=int(time.time() * 1000))
    producer.flush(PATIENCE)


def found(bridge: Run, of: str) -> list[dict[str, Any]]:
    result = bridge("explain", of, "-o", "json")
    assert result.exit_code == 0, result.output
    deliveries: list[dict[str, Any]] = json.loads(result.stdout)["deliveries"]
    return deliveries


def test_a_trace_leads_to_all_that_was_delivered_in_it(bridge: Run, hand: ByHand, settings: Settings) -> None:
    write(settings, settings.topics.raw, body(), accepted(body()).headers)
    why = {"reason": "invalid_json", "stage": "ingress", "received_at_ms": 0, "ce_source": b"/newstore/acme"}
    refused = quarantine_headers(value=b"{", traceparent=TRACEPARENT, **why)  # type: ignore[arg-type]
    write(settings, settings.topics.quarantine, b"{", refused)
    for of in (TRACE, TRACEPARENT, f"01-{TRACE}-aaaaaaaaaaaaaaaa-00"):
        pending, quarantined = found(bridge, of)
        assert (pending["raw"], pending["verdict"], pending["pending"]) == ("0:0", None, True)
        assert (quarantined["raw"], quarantined["quarantined"], quarantined["reason"]) == (None, "0:0", "invalid_json")
    told = bridge("explain", TRACE).stdout
    assert "No verdict yet: no worker has come to it." in told
    assert "Verdict quarantined, by ingress: invalid_json. `bridge quarantine show 0:0` has it." in told


def test_what_nobody_can_explain_says_what_was_searched(bridge: Run, hand: ByHand, settings: Settings) -> None:
    raw = hand.raw(order_event("order.created", "SO-1"))
    hand.processed(raw_offset=1)
    for of in ("SO-2", "GC1", "acme/order.created/SO-2", TRACE, "7:1", "0:9"):
        result = bridge("explain", of)
        assert result.exit_code == 1
        assert "Nothing is known of" in result.stderr
    assert "no order has this id, in what was searched;" in bridge("explain", "GC1").stderr
    assert "Searched: " in bridge("explain", "GC1").stderr
    assert "hint: `--since` goes further back than" in bridge("explain", "GC1").stderr
    lost = bridge("explain", raw.source)
    assert "What became of it was not found in what was searched." in lost.stdout
    for topic in (settings.topics.orders, settings.topics.conflicts, settings.topics.quarantine):
        assert f"Searched: {topic}" in lost.stderr
