"""A worker that is frozen and comes back must find that it no longer owns anything."""

import signal

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.waiting import wait_until


def test_a_worker_frozen_in_a_transaction_is_fenced_by_its_successor(deployment: Deployment) -> None:
    """It stops before a commit, beyond the session timeout; another takes over; then it wakes and tries to commit."""
    deployment.load.send(800)
    with deployment.load.flowing():
        zombie = deployment.worker("zombie", test_fault="before-commit:STOP:5")
        zombie.wait_frozen()
        successor = deployment.worker("successor")
        wait_until("the successor has all lanes", lambda: len(successor.lanes()) == 8, successor.lanes)
        zombie.signal(signal.SIGCONT)
        wait_until("the zombie works again", zombie.lanes)
    deployment.check()
