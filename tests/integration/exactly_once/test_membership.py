"""A worker that is no member of its group while its broker is away waits for it, however long that takes."""

import time

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until

LIMIT_S = 12.0
"""Twice the session timeout: what a worker with a shorter limit of its own may be away while Kafka is there."""


def test_a_broker_that_is_away_ends_no_worker(mortal_kafka: LocalKafka, mortal_deployment: Deployment) -> None:
    worker = mortal_deployment.worker("worker", test_absence="1")
    worker.wait_ready()
    mortal_kafka.kill()
    wait_until("it is no member", lambda: b"[-]group: not a member" in worker.get("/readyz?verbose").body)
    time.sleep(1.5 * LIMIT_S)
    assert worker.runs
    mortal_kafka.start()
    worker.wait_ready()
