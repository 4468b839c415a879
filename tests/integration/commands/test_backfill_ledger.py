"""A backfill beside a live ingress and worker: the ledger balances, and what was known is a duplicate."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.settings import Settings
from deploy.local.ports import free_ports
from deploy.local.service import Service
from tests.integration.commands.conftest import Backfill, Run
from tests.integration.commands.exports import event, written
from tests.integration.waiting import PATIENCE

WEBHOOK = "/webhooks/newstore"
BEFORE, DURING, IN_THE_FILE = range(30), range(30, 60), range(20, 420)


@pytest.fixture
def ingress(bridge: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """An ingress with a worker behind it."""
    ports = dict(zip(("ingress", "worker"), free_ports(2), strict=True))
    monkeypatch.setenv("BRIDGE_INGRESS_PORT", str(ports["ingress"]))
    monkeypatch.setenv("BRIDGE_INGRESS_ALLOW_ANONYMOUS", "true")
    monkeypatch.setenv("BRIDGE_INGRESS_ACK_TIMEOUT", "60s")  # a busy machine's Kafka may be silent for some seconds
    monkeypatch.setenv("BRIDGE_WORKER_WEB_PORT", str(ports["worker"]))
    monkeypatch.setenv("BRIDGE_WORKER_ALLOW_ANONYMOUS", "true")
    assert bridge("topics", "apply", "--yes").exit_code == 0
    services = [Service(name, port) for name, port in ports.items()]
    try:
        for service in services:
            service.wait_until_ready()
        yield services[0]
    finally:
        for service in services:
            service.stop()


def deliver(ingress: Service, body: bytes) -> None:
    with urllib.request.urlopen(urllib.request.Request(ingress.url + WEBHOOK, body), timeout=PATIENCE) as answer:
        assert answer.status == 200


def test_the_ledger_balances_and_what_was_known_is_a_duplicate(
    bridge: Run, backfill: Backfill, ingress: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in BEFORE:
        deliver(ingress, event(number))
    monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", "20")
    process = backfill(written(tmp_path / "a.export", [*map(event, IN_THE_FILE), b"{", b"["]))
    for number in DURING:
        deliver(ingress, event(number))
    done = process.result()
    assert done.exit_code == 0, done.stderr
    result = bridge("verify", "--wait", f"{PATIENCE}s", "-o", "json")
    assert result.exit_code == 0, result.output
    ledger = json.loads(result.stdout)
    distinct = len({*BEFORE, *DURING, *IN_THE_FILE})
    delivered = len(BEFORE) + len(DURING) + len(IN_THE_FILE)
    assert (ledger["raw"], ledger["outcomes"]["unique"]) == (delivered, distinct)
    assert ledger["outcomes"]["duplicate"] == delivered - distinct
    assert ledger["quarantined_by_backfill"] == {"invalid_json": 2}
    assert "quarantined by a backfill" in bridge("verify").stdout
