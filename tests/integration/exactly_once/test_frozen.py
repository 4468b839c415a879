"""A worker that was frozen must find that it owns nothing any more."""

import signal
from concurrent.futures import ThreadPoolExecutor

from tests.integration.exactly_once.answers import asked, wait_for_answers
from tests.integration.exactly_once.deliveries import delivery
from tests.integration.exactly_once.deployment import BEARER, PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.events import Event
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDERS

FREEZABLE = {"test_standstill": "600"}
"""Seconds: the watchdog does not end a worker that wakes after half a minute."""


def test_a_worker_frozen_in_a_transaction_is_fenced_by_its_successor(deployment: Deployment) -> None:
    """It freezes before a commit, beyond the session timeout. Another one takes over. Then it wakes and tries to
    commit."""
    deployment.load.send(400)
    with deployment.load.flowing():
        zombie = deployment.worker("zombie", test_fault="before-commit:STOP:5", **FREEZABLE)
        zombie.wait_frozen()
        successor = deployment.worker("successor")
        wait_for_lanes(successor)
        zombie.signal(signal.SIGCONT)
        wait_until("the zombie works again", zombie.lanes)
    deployment.check()


def test_a_frozen_worker_does_not_answer_from_what_it_knew_before(deployment: Deployment) -> None:
    """While it is frozen nobody answers for its orders. Another one takes over. Then it finds an old question."""
    deployment.load.send(400)
    zombie, successor = deployment.worker("zombie", **FREEZABLE), deployment.worker("successor")
    wait_for_lanes(zombie, successor)
    deployment.wait_settled()
    deployment.wait_judged()
    order = _order_of(deployment, zombie)
    path = f"/orders/{order}"
    before = asked(zombie, path)
    assert before.status == 200

    zombie.signal(signal.SIGSTOP)
    while_away = successor.get(path, **BEARER)
    if while_away.status == 200:  # a busy machine kept this test waiting until the successor had the order
        assert _place(deployment, order) in successor.lanes()
        assert while_away.document == before.document
    else:
        assert (while_away.status, while_away.headers.get("retry-after")) == (503, "1")
    with ThreadPoolExecutor(1) as asking:
        pending = asking.submit(zombie.get, path, **BEARER)
        wait_for_lanes(successor)
        meanwhile = Event(f"{order}/meanwhile", "order.shipped", 1000, {"id": order}, ORDERS, order, order)
        deployment.load.send_all([delivery(meanwhile)])
        deployment.wait_settled()
        wait_for_answers(deployment, successor)
        now = asked(successor, path)
        assert now.document != before.document
        zombie.signal(signal.SIGCONT)
        answer = pending.result()
    assert answer.status == 503 or answer.document == now.document
    deployment.check()


def _order_of(deployment: Deployment, owner: Service) -> str:
    """An order that this worker answers for."""
    owned = owner.lanes()
    return next(order for order in deployment.order_ids() if _place(deployment, order) in owned)


def _place(deployment: Deployment, order: str) -> tuple[str, int]:
    return deployment.names.topic(ORDERS), partition_of(order.encode(), PARTITIONS)
