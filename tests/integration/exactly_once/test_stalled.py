"""Orders whose next event does not come: found once all is folded that raw holds, and healed by it."""

import signal

from tests.deploy.observability.moments import total
from tests.integration.alarms import Alarms, settled
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.orders import LONG_AGO, ORDERS, deliver, documents, state
from tests.integration.waiting import wait_until

BRIEF = {"stalled_opened": "4s", "orders_since": LONG_AGO}
OPENED = "order.opened"


def stalled(deployment: Deployment) -> dict[str, list[str]]:
    """Orders whose last document says so, and what they wait for."""
    return {order: states[-1]["stalled"] for order, states in documents(deployment).items() if states[-1]["stalled"]}


def test_an_order_that_is_not_opened_is_stalled_until_it_is(deployment: Deployment, alarms: Alarms) -> None:
    worker = deployment.worker("worker", **BRIEF)
    worker.wait_ready()
    alarms.was_well(worker=worker.page)
    deliver(deployment, "order.created")
    wait_until("all are stalled", lambda: stalled(deployment) == {order: [OPENED] for order in ORDERS})
    assert [states[0]["stalled"] for states in documents(deployment).values()] == [[]] * len(ORDERS)
    counted = settled(worker.page, lambda page: total(page, "bridge_orders_stalled") == len(ORDERS))
    alarms.goes_on_as(worker=counted)
    assert worker.metric("bridge_orders_incomplete") == 0
    found = state(worker, ORDERS[0])
    assert (found["stalled"], found["incomplete"], found["missing"], found["provisional"]) == (
        [OPENED],
        False,
        [],
        False,
    )
    assert found["revision"] == len(documents(deployment)[ORDERS[0]]) == 2
    deliver(deployment, OPENED)
    wait_until("nobody is stalled", lambda: stalled(deployment) == {})
    wait_until("nobody is counted", lambda: worker.metric("bridge_orders_stalled") == 0)
    deployment.check()
    alarms.assert_raised("BridgeOrdersStalled warning")


def test_marks_survive_a_kill_and_a_lost_disk(deployment: Deployment) -> None:
    """The successor would not find them stalled by itself: it does not watch that any more for so short a time."""
    doomed = deployment.worker("doomed", **BRIEF)
    deliver(deployment, "order.created")
    wait_until("all are stalled", lambda: len(stalled(deployment)) == len(ORDERS))
    doomed.signal(signal.SIGKILL)
    doomed.wait()
    successor = deployment.worker("successor", orders_since=LONG_AGO)
    successor.wait_ready()
    assert {tuple(state(successor, order)["stalled"]) for order in ORDERS} == {(OPENED,)}
    wait_until("they are counted", lambda: successor.metric("bridge_orders_stalled") == len(ORDERS))
    deliver(deployment, OPENED)
    wait_until("nobody is stalled", lambda: stalled(deployment) == {})
    deployment.check()
