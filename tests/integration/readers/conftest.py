"""One deployment whose public topics have what a simulation leaves there."""

import json
import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from bridge.topics import specs
from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.orders import LONG_AGO
from tests.integration.waiting import PATIENCE

_MOST_BYTES = 1 << 16
_ORDERS = 150
"""Of 13 events and more."""


@pytest.fixture(scope="module")
def deployment(kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """2,000 simulated events, their re-deliveries, conflicts and broken bodies; an entity that nobody knows, a body
    over the limit, and an order that was deleted."""
    directory, prefix = tmp_path_factory.mktemp("readers"), f"readers-{uuid.uuid4().hex[:8]}"
    with closing(Deployment(kafka.bootstrap_servers, prefix, directory, settings={"partitions": "4"})) as deployment:
        _fill(deployment)
        yield deployment
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    for deleted in admin.delete_topics([spec.name for spec in specs(deployment.settings)]).values():
        deleted.result()


def _fill(deployment: Deployment) -> None:
    ingress = deployment.ingress(ingress_max_body_bytes=str(_MOST_BYTES))
    worker = deployment.worker("worker", orders_since=LONG_AGO)
    ingress.wait_ready()
    worker.wait_ready()
    shares = ("--duplicates", "0.05", "--conflicts", "0.03", "--malformed", "0.03")
    url = f"http://127.0.0.1:{ingress.port}/webhooks/newstore"
    sent = deployment.command("simulate", "--orders", str(_ORDERS), "--seed", "7", *shares, "--url", url).result()
    assert sent.exit_code == 0, sent.stderr
    unknown = {"tenant": deployment.settings.tenant, "name": "something.new", "payload": {"id": "ä"}}
    statuses = [
        ingress.request("POST", "/webhooks/newstore", body, BEARER).status
        for body in (json.dumps(unknown).encode(), b"x" * (_MOST_BYTES + 1))
    ]
    assert statuses == [200, 400]
    deployment.wait_settled()
    producer = Producer({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    producer.produce(deployment.settings.topics.order_state, None, "deleted")
    assert producer.flush(PATIENCE) == 0
