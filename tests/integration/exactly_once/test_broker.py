"""The broker dies and comes back, with everything it has acknowledged."""

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import Deployment


def test_kill_of_the_broker_under_load(mortal_kafka: LocalKafka, mortal_deployment: Deployment) -> None:
    """Open transactions, group and coordinators are all lost at once; the worker neither ends nor starts over."""
    mortal_deployment.load.send(800)
    with mortal_deployment.load.flowing():
        worker = mortal_deployment.worker("worker")
        worker.wait_ready()
        mortal_kafka.kill()
        mortal_kafka.start()
        mortal_deployment.wait_for_progress()
        worker.wait_ready()
    mortal_deployment.check()
