"""kill -9 of the worker where it hurts most: every event comes out once, in order, whatever was half done."""

import shutil
import signal

from tests.integration.exactly_once.deployment import Deployment

STATIC = {"worker_instance_id": "worker-0"}  # as in Kubernetes: it need not wait for the group when it comes back


def kill_and_restart(deployment: Deployment, fault: str) -> None:
    """A worker dies at the fault while events flow in. The next one of its name goes on."""
    deployment.load.send(400)
    with deployment.load.flowing():
        assert deployment.worker("worker", test_fault=fault, **STATIC).wait() == -signal.SIGKILL
        deployment.worker("worker", **STATIC).wait_ready()
    deployment.check()


def test_kill_before_a_commit(deployment: Deployment) -> None:
    """All of the transaction is sent, and none of it may ever be seen."""
    kill_and_restart(deployment, "before-commit:KILL:5")


def test_kill_after_a_commit(deployment: Deployment) -> None:
    """Kafka has the transaction, the local table does not. The table must learn it from the changelog."""
    kill_and_restart(deployment, "after-commit:KILL:5")


def test_kill_between_fencing_and_recovery(deployment: Deployment) -> None:
    """The producers are fenced, and nothing has been read yet."""
    kill_and_restart(deployment, "fenced:KILL:1")


def test_wiped_data_directory_and_kill_while_it_is_rebuilt(deployment: Deployment) -> None:
    """Only the changelog has what was seen before. Half a recovery must not pass for a whole one."""
    deployment.load.send(600)
    first = deployment.worker("worker", **STATIC)
    first.wait_ready()
    deployment.wait_settled()
    first.end()
    shutil.rmtree(deployment.data_dir("worker"))
    deployment.load.send_again()
    with deployment.load.flowing():
        broken = deployment.worker("worker", test_fault="recovering:KILL:2", **STATIC)
        assert broken.wait() == -signal.SIGKILL
        deployment.worker("worker", **STATIC).wait_ready()
    deployment.check()


def test_wiped_data_directory(deployment: Deployment) -> None:
    """A new disk: the worker rebuilds its tables and still knows every event it has seen."""
    deployment.load.send(600)
    first = deployment.worker("worker")
    first.wait_ready()
    deployment.wait_settled()
    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    shutil.rmtree(deployment.data_dir("worker"))
    deployment.load.send_again()
    deployment.worker("worker").wait_ready()
    deployment.check()
