"""A real worker forgets keys that are older than its retention, and only those."""

import json
import time
from datetime import timedelta

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import PATIENCE, wait_until

EVENT = "employee.created"  # one name, so all are in one partition


def send(deployment: Deployment, *employees: tuple[str, timedelta]) -> None:
    """Return once raw has an event of each of these employees, received so long ago."""
    producer = Producer({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    for employee, age in employees:
        body = {"tenant": TENANT, "name": EVENT, "published_at": "2026-01-01T00:00:00Z", "payload": {"id": employee}}
        received_at_ms = round((time.time() - age.total_seconds()) * 1000)
        producer.produce(deployment.settings.topics.raw, json.dumps(body), EVENT, timestamp=received_at_ms)
    assert producer.flush(PATIENCE) == 0


def let_raw_take_old_records(deployment: Deployment) -> None:
    """As in a deployment that was made before raw had the entry."""
    raw = ConfigResource(ConfigResource.Type.TOPIC, deployment.settings.topics.raw)
    raw.add_incremental_config(
        ConfigEntry("message.timestamp.before.max.ms", None, incremental_operation=AlterConfigOpType.DELETE)
    )
    admin = AdminClient({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    for altered in admin.incremental_alter_configs([raw]).values():
        altered.result(PATIENCE)


def test_keys_older_than_the_retention_are_purged_and_the_others_still_known(deployment: Deployment) -> None:
    """The topics keep records for longer than this worker asks for, which it does not mind: Kafka deletes none of them.
    Nor does it mind that raw takes old records, but it says so."""
    now = timedelta()
    let_raw_take_old_records(deployment)
    worker = deployment.worker("worker", dedupe_retention="2d")
    send(deployment, ("forgotten", timedelta(days=4)))
    deployment.wait_settled()  # keys of one chunk fall due together
    wait_until("it says so", lambda: b"message.timestamp.before.max.ms" in worker.get("/readyz?verbose").body)
    send(deployment, ("known", timedelta(days=1)), ("new", now))
    wait_until("a row is purged", lambda: worker.metric("bridge_purged_rows_total{", 'table="seen"') == 1)
    send(deployment, ("forgotten", now), ("known", now), ("new", now))
    deployment.wait_settled()
    passed_on = [json.loads(value)["payload"]["id"] for value in deployment.values("employees")]
    assert sorted(passed_on) == ["forgotten", "forgotten", "known", "new"]
