"""Events as large as NewStore publishes them pass the whole path, with one setting and one `topics apply`."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER, PARTITIONS, Deployment
from tests.integration.exactly_once.forking import ForkServer
from tests.programs.checker.names import CONFLICTS, ORDER_STATE, ORDERS

SIZE = 40 << 20


@pytest.fixture
def roomy(kafka: LocalKafka, prefix: str, tmp_path: Path, fork_server: ForkServer) -> Iterator[Deployment]:
    """Topics with the default limit, and services for the largest bodies."""
    settings = {"partitions": str(PARTITIONS), "ingress_max_body_bytes": "41 MiB", "ingress_ack_timeout": "60 s"}
    started = Deployment(kafka.bootstrap_servers, prefix, tmp_path, settings=settings, start=fork_server.start)
    with closing(started) as deployment:
        yield deployment


def event(name: str, payload: dict[str, object], seed: int) -> bytes:
    """An event of 40 MiB in many members, which no compression makes small."""
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
    assert len(earlier) <= 1  # the state is written again once the bridge knows since when it listens
    assert json.loads(state.value or b"")["items"].keys() == {"1"}
    verified = roomy.command("verify").result()
    assert verified.exit_code == 0, verified.stdout + verified.stderr


def members(name: str, order: str, second: int = 0, **lists: Sequence[Mapping[str, object]]) -> bytes:
    """An event of an order, as small as possible."""
    body = {"tenant": TENANT, "name": name, "published_at": f"2026-01-01T00:00:{second:02d}Z"}
    return json.dumps({**body, "payload": {"id": order, "order_id": order, **lists}}, separators=(",", ":")).encode()


def test_events_of_a_hundred_thousand_members_hold_up_no_other_order(deployment: Deployment) -> None:
    """Each event is joined in one go, which once looked for each member among all others, until the watchdog ended
    every worker that read the event."""
    many = [f"{number:07d}" for number in range(120_000)]
    paid = [{"id": each, "amount": 1, "currency": f"C{each}", "instrument_id": each} for each in many[:7_500]]
    others = [f"other-{number}" for number in range(4 * PARTITIONS)]
    ingress, worker = deployment.ingress(ingress_ack_timeout="60 s"), deployment.worker("worker")
    for service in (ingress, worker):
        service.wait_ready()
    for body in (
        members("order.created", "exchanges", exchanges=[{"order_id": each} for each in many]),
        members(
            "fulfillment_request.items_completed",
            "codes",
            items=[{"id": each, "tracking_code": each} for each in many[:65_000]],
        ),
        members("payment_account.amount_authorized", "currencies", 1, transactions=paid),
        members("payment_account.amount_captured", "currencies", 2, transactions=paid),
        *(members("order.created", each, items=[{"id": "1"}]) for each in others),
    ):
        assert ingress.request("POST", "/webhooks/newstore", body, BEARER).status == 200
    deployment.wait_settled()
    worker.wait_ready()  # no watchdog has ended it
    assert {"exchanges", "currencies", *others} <= {*deployment.order_ids()}
