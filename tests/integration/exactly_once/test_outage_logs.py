"""Services whose broker is away wait for it, however long that takes, and log a warning a second, whatever fails."""

import time
from collections import Counter

from bridge.repeat_limit import BURST
from deploy.local.kafka import LocalKafka
from tests.integration.alarms import OF_DELIVERIES, Alarms
from tests.integration.exactly_once.deliveries import deliveries
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.chaos.sender import Sender

OUTAGE_S = 20.0
"""Seconds: long enough that units, transactions and the session end by time limits, too; and longer than two sessions,
12 s, for which a worker with a short limit of its own may be in no group while Kafka is there."""


def lines(service: Service) -> Counter[bool]:
    """Lines of the service's log so far, by whether they are at `info`, which has a limit of its own."""
    return Counter('"level": "info"' in line for line in service.log.read_text().splitlines())


def test_an_outage_under_load(mortal_kafka: LocalKafka, mortal_deployment: Deployment, alarms: Alarms) -> None:
    """No service ends, and nothing is lost. The lines of all loggers count, aiokafka's included, until both are ready
    again."""
    worker = mortal_deployment.worker("worker", test_absence="1")
    ingress = mortal_deployment.ingress()
    services = [ingress, worker]
    for service in services:
        service.wait_ready()
    sender = Sender(deliveries(seed=1), [ingress.port])
    alarms.was_well(ingress=ingress.page, worker=worker.page)
    with sender.flowing():
        mortal_deployment.wait_for_progress()
        before, began = [lines(service) for service in services], time.monotonic()
        mortal_kafka.kill()
        for service in services:
            wait_until("it says so", lambda service=service: service.status("/readyz") == 503)  # type: ignore[misc]
        alarms.look(ingress=ingress.page(), worker=worker.page())
        wait_until("it is no member", lambda: b"[-]group: not a member" in worker.get("/readyz?verbose").body)
        time.sleep(OUTAGE_S)
        alarms.goes_on_as(ingress=ingress.page(), worker=worker.page())
        assert all(service.runs for service in services)
        mortal_kafka.start()
        for service in services:
            service.wait_ready()
        written = [lines(service) - earlier for service, earlier in zip(services, before, strict=True)]
        seconds = time.monotonic() - began
        mortal_deployment.wait_for_progress()
    assert not [service.log.name for service in services if "never retrieved" in service.log.read_text()]
    assert all(count.total() > 0 for count in written)
    assert all(max(count.values()) <= seconds + BURST for count in written), f"{written} lines in {seconds:.0f} s"
    mortal_deployment.wait_settled()
    assert mortal_deployment.counter_examples(sender.sent, sender.meanings, sender.traces) == []
    refused = ("BridgeNotAcknowledged critical", "BridgeAvailabilityBurn critical", "BridgeAvailabilityBurn warning")
    alarms.assert_raised("BridgeKafkaAway critical", *refused, others=OF_DELIVERIES)
