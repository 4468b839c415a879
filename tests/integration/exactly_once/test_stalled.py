"""Orders whose next event does not come: found once all that raw holds is folded, and healed by the event."""

import signal
from typing import Any

from tests.deploy.observability.moments import total
from tests.integration.alarms import Alarms, settled
from tests.integration.exactly_once.deployment import Deployment, wait_for_lanes
from tests.integration.exactly_once.orders import LONG_AGO, ORDERS, deliver, documents, event, state
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


def test_nobody_is_stalled_any_more_for_what_a_worker_with_other_settings_does_not_expect(
    deployment: Deployment,
) -> None:
    """Nothing comes for these orders, and nothing is due for them: a round finds them."""
    before = deployment.worker("before", **BRIEF)
    deliver(deployment, "order.created")
    wait_until("all are stalled", lambda: len(stalled(deployment)) == len(ORDERS))
    before.end()
    worker = deployment.worker("worker", events="order.created", **BRIEF)
    wait_until("nobody is stalled", lambda: stalled(deployment) == {})
    wait_until("nobody is counted", lambda: worker.metric("bridge_orders_stalled") == 0)
    assert {len(states) for states in documents(deployment).values()} == {3}


def test_marks_survive_a_kill_and_a_lost_disk(deployment: Deployment) -> None:
    """The successor would not find them stalled by itself: it lets orders wait for longer."""
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


def test_a_return_that_was_exchanged_is_no_alarm_whoever_has_the_order_in_exchange_for_it(
    deployment: Deployment,
) -> None:
    """Only the order in exchange knows, in a partition of its own."""
    brief = {"stalled_refunded": "2s", "orders_since": LONG_AGO}
    workers = [deployment.worker(name, **brief) for name in ("first", "second")]
    wait_for_lanes(*workers)
    for name in ("order.created", OPENED):
        deliver(deployment, name)
    of = {order: f"back-{order}" for order in ORDERS}
    back: dict[str, Any] = {"total_refund_amount": 5, "currency": "EUR"}
    deployment.load.send_all(event(o, "return.processed", id=of[o], order_id=o, **back) for o in ORDERS)
    refunds = {order: [f"payment_account.amount_refunded:{of[order]}"] for order in ORDERS}
    wait_until("all are stalled", lambda: stalled(deployment) == refunds, lambda: stalled(deployment))

    *exchanged, kept = ORDERS
    new = {f"new-{order}": [{"order_id": order, "return_id": of[order]}] for order in exchanged}
    deployment.load.send_all(event(o, "order.created", is_exchange=True, exchanges=each) for o, each in new.items())
    deployment.load.send_all(event(order, OPENED) for order in new)
    left = {kept: refunds[kept]}
    wait_until("one is stalled", lambda: stalled(deployment) == left, lambda: stalled(deployment))
    wait_until("one is counted", lambda: sum(each.metric("bridge_orders_stalled") or 0 for each in workers) == 1)
    for worker in workers:
        found = state(worker, exchanged[0])
        [gap] = found["acknowledged"]
        assert (gap["name"], gap["reason"]) == (*refunds[exchanged[0]], f"settled by exchange new-{exchanged[0]}")
        assert found["returns"][of[exchanged[0]]]["settled_by_exchange"] == [f"new-{exchanged[0]}"]
    deployment.check()
