"""The order lines in Kafka are always what the states say, whoever is killed, and wherever orders move."""

import json
import signal
from typing import Any

from schemas.headers import CE_ID
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDER_STATE

LINES = {"order_lines": "true"}
SIX = {"partitions": "6"}
_OF_STATE = ("version", "revision", "payment_status", "last_received_at")

Places = dict[tuple[str, str], tuple[int, Any]]
"""By order and line: the partition, and what is compared."""


def last(deployment: Deployment, dataset: str) -> list[tuple[int, bytes, Any]]:
    """Partition, key and value of what is left once the topic is compacted."""
    found = {(record.partition, record.key or b""): record.value for record in deployment.records(dataset)}
    return [(partition, key, json.loads(value)) for (partition, key), value in found.items() if value is not None]


def lines(deployment: Deployment) -> Places:
    """The lines as their topic has them."""
    return {
        (line["order_id"], line["line_id"]): (
            partition,
            [json.loads(key), line["line_status"], line["line_count"], *(line[name] for name in _OF_STATE)],
        )
        for partition, key, line in last(deployment, "order-lines")
    }


def lines_of_states(deployment: Deployment) -> Places:
    """The lines as the states have them."""
    return {
        (state["order_id"], line_id): (
            partition,
            [
                {"order_id": state["order_id"], "line_id": line_id},
                item["status"],
                len(state["items"]),
                *(state[name] for name in _OF_STATE),
            ],
        )
        for partition, _, state in last(deployment, ORDER_STATE)
        for line_id, item in state["items"].items()
    }


def wait_equal(deployment: Deployment) -> None:
    wait_until("lines are as the states say", lambda: lines(deployment) == lines_of_states(deployment) != {})


def assert_no_id_twice(deployment: Deployment) -> None:
    """A reader that removes duplicates by CloudEvents id would pass over what an order has moved to."""
    for dataset in (ORDER_STATE, "order-lines"):
        ids = [record.headers[CE_ID] for record in deployment.records(dataset) if record.value is not None]
        assert len(ids) == len({*ids}) > 0


def test_lines_are_what_the_states_say_also_switched_on_later_and_killed_and_moved(deployment: Deployment) -> None:
    before = deployment.worker("worker")
    deployment.load.send(200)
    deployment.wait_settled()
    before.signal(signal.SIGTERM)
    assert before.wait() == 0
    assert deployment.command("topics", "apply", "--yes", **LINES).result().exit_code == 0
    doomed = deployment.worker("worker", test_fault="before-tick:KILL:2", **LINES)  # in the round that writes old lines
    assert doomed.wait() == -signal.SIGKILL
    worker = deployment.worker("worker", **LINES)
    deployment.load.send(100)
    deployment.wait_settled()
    wait_equal(deployment)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    moved = deployment.command(
        "topics", "migrate", "--yes", test_lease="0.5", ingress_ack_timeout="500ms", **SIX, **LINES
    )
    assert moved.result().exit_code == 0
    wait_equal(deployment)  # Kafka writes the last markers after its answer
    assert {partition for partition, _ in lines(deployment).values()} == set(range(6))
    assert_no_id_twice(deployment)
