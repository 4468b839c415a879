"""Events as large as NewStore publishes them, through the whole path: one setting, and one `topics apply`."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER, PARTITIONS, Deployment
from tests.programs.checker.names import CONFLICTS, ORDER_STATE, ORDERS

SIZE = 40 << 20


@pytest.fixture
def roomy(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Iterator[Deployment]:
    """Topics as the default limit has them, and services for the largest bodies."""
    settings = {"partitions": str(PARTITIONS), "ingress_max_body_bytes": "41 MiB", "ingress_ack_timeout": "60 s"}
    with closing(Deployment(kafka.bootstrap_servers, prefix, tmp_path, settings=settings)) as deployment:
        yield deployment


def event(name: str, payload: dict[str, object], seed: int) -> bytes:
    """Of 40 MiB that no compression makes small, in many members."""
    noise = random.Random(seed)
    fields = [{"product_id": noise.randbytes(100).hex(), "quantity": noise.randrange(9)} for _ in range(SIZE // 240)]
    body = {"tenant": TENANT, "name": name, "published_at": "2026-01-01T00:00:00Z"}
    text = json.dumps({**body, "payload": {**payload, "details": fields}}).encode()
    return text + b" " * (SIZE - len(text))


def test_events_of_40_mib_pass_the_whole_path(roomy: Deployment) -> None:
    applied = roomy.command("topics", "apply", "--yes").result()
    assert applied.exit_code == 0, applied.stderr
    ingress, worker = roomy.ingress(test_upload_timeout="100"), roomy.worker("worker")
    for service in (ingress, worker):
        service.wait_ready()
    order = event("order.created", {"id": "large", "items": [{"id": "1"}]}, 1)
    counted = event("inventory_count.items_counted", {"id": "count", "chunk_number": 1}, 2)
    conflicting = event("inventory_count.items_counted", {"id": "count", "chunk_number": 1}, 3)
    for body in (order, counted, order, conflicting):
        assert ingress.request("POST", "/webhooks/newstore", body, BEARER).status == 200
    roomy.wait_settled()
    assert roomy.values(ORDERS) == [order]
    assert roomy.values("inventory")[0] == counted
    assert roomy.values(CONFLICTS) == [conflicting]
    *earlier, state = roomy.records(ORDER_STATE)
    assert len(earlier) <= 1  # it is written again once it is known since when the bridge listens
    assert json.loads(state.value or b"")["items"].keys() == {"1"}
    verified = roomy.command("verify").result()
    assert verified.exit_code == 0, verified.stdout + verified.stderr
