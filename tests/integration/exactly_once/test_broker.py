"""The broker dies and comes back with everything it has acknowledged, or stays away."""

import signal

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.broker_signals import signal_broker
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until


def test_kill_of_the_broker_under_load(mortal_kafka: LocalKafka, mortal_deployment: Deployment) -> None:
    """Open transactions, group and coordinators are all lost at once; the worker neither ends nor starts over."""
    mortal_deployment.load.send(400)
    with mortal_deployment.load.flowing():
        worker = mortal_deployment.worker("worker")
        worker.wait_ready()
        mortal_kafka.kill()
        mortal_kafka.start()
        mortal_deployment.wait_for_progress()
        worker.wait_ready()
    mortal_deployment.check()


def test_a_worker_that_starts_before_the_broker(mortal_kafka: LocalKafka, mortal_deployment: Deployment) -> None:
    """The worker stays up, says that it is not ready, and goes to work once the broker is there."""
    mortal_deployment.load.send(400)
    mortal_kafka.kill()
    worker = mortal_deployment.worker("worker")
    wait_until("it answers", lambda: worker.status("/livez") == 200)
    assert worker.get("/readyz").status == 503
    mortal_kafka.start()
    worker.wait_ready()
    mortal_deployment.check()


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_sigterm_ends_it_in_time_while_the_broker_is_away(
    mortal_kafka: LocalKafka, mortal_deployment: Deployment, fate: signal.Signals
) -> None:
    """Leaving the group and stopping producers must not wait for a broker that is gone, or silent."""
    mortal_deployment.load.send(400)
    worker = mortal_deployment.worker("worker")
    worker.wait_ready()
    signal_broker(mortal_kafka, fate)
    worker.stop()
