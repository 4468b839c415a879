"""The checker can fail: an engine that is broken on purpose is caught, and the same run without the break passes."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import Deployment, wait_for_lanes
from tests.integration.waiting import wait_until

STATIC = {"worker_instance_id": "worker-0"}  # who comes back need not wait for the group


@pytest.fixture
def deployment(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Iterator[Deployment]:
    """On the session's broker."""
    with closing(Deployment(kafka.bootstrap_servers, prefix, tmp_path)) as deployment:
        deployment.load.send(1200)
        yield deployment


def found(deployment: Deployment) -> str:
    """What the checker has to say."""
    return "\n".join(deployment.counter_examples(deployment.load.sent, deployment.load.meanings))


@pytest.mark.parametrize("mutation", ["write-rows-before-the-commit", "commit-offsets-apart"])
def test_what_is_done_before_the_commit_is_lost_with_the_transaction(deployment: Deployment, mutation: str) -> None:
    doomed = deployment.worker("worker", test_mutation=mutation, test_fault="before-commit:KILL:5", **STATIC)
    assert doomed.wait() == -signal.SIGKILL
    deployment.worker("worker", **STATIC).wait_ready()
    deployment.wait_settled()
    assert ": lost" in found(deployment)


def test_a_zombie_that_nobody_fences_writes_twice(deployment: Deployment) -> None:
    unfenced = {"test_mutation": "skip-the-fence", "transaction_timeout": "60s"}  # nor given up by the coordinator
    zombie = deployment.worker("zombie", test_fault="before-commit:STOP:5", **unfenced)
    zombie.wait_frozen()
    successor = deployment.worker("successor", **unfenced)
    wait_for_lanes(successor)
    zombie.signal(signal.SIGCONT)
    # Not until all is processed: the zombie may set the group back, too. And a transaction that nobody ends holds a
    # partition up until its timeout.
    wait_until("a duplicate is found", lambda: "duplicate of" in found(deployment), lambda: found(deployment), 150)


def test_a_send_that_fails_unnoticed_is_a_loss(deployment: Deployment) -> None:
    deployment.worker("worker", test_mutation="ignore-failed-sends").wait_ready()
    deployment.wait_settled()
    assert ": lost" in found(deployment)


def test_a_send_that_fails_and_is_noticed_is_none(deployment: Deployment) -> None:
    worker = deployment.worker("worker", test_mutation="fail-some-sends")
    worker.wait_ready()
    deployment.check()
    assert "refused by the test" in worker.log.read_text()


def test_tables_that_are_not_recovered_let_duplicates_pass(deployment: Deployment) -> None:
    first = deployment.worker("worker", **STATIC)
    first.wait_ready()
    deployment.wait_settled()
    first.end()
    shutil.rmtree(deployment.data_dir("worker"))
    deployment.load.send_again()
    deployment.worker("worker", test_mutation="skip-the-recovery", **STATIC).wait_ready()
    deployment.wait_settled()
    assert "should not be there" in found(deployment)
