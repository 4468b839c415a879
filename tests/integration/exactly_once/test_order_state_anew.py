"""Documents of orders whose topic was deleted and made anew: told, and all of them written again by a setting that is
changed and changed back, as docs/recovery.md says."""

import json
import signal
from typing import Any

from tests.integration.commands.broker import Broker
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDER_STATE


def documents(deployment: Deployment) -> dict[bytes, dict[str, Any]]:
    """The last one of each order, without its number."""
    found = {record.key or b"": record.value for record in deployment.records(ORDER_STATE)}
    read = {order: json.loads(value) for order, value in found.items() if value is not None}
    return {order: {**document, "revision": None} for order, document in read.items()}


def withheld(deployment: Deployment) -> set[bytes]:
    """Orders of which a customer is left out."""
    return {order for order, document in documents(deployment).items() if document["withheld"]}


def stop(worker: Service) -> None:
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


def test_all_are_written_again_by_a_setting_that_is_changed_and_changed_back(deployment: Deployment) -> None:
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.load.send(100)
    deployment.wait_settled()
    deployment.wait_judged()
    before = documents(deployment)
    assert len(before) > 1
    assert deployment.command("verify").result().exit_code == 0

    Broker(deployment.settings).delete(ORDER_STATE)
    applied = deployment.command("topics", "apply", "--yes").result()
    assert applied.exit_code == 0
    assert f"{deployment.names.topic(ORDER_STATE)}: what it held before is gone" in " ".join(applied.stderr.split())
    worker.wait_ready()
    told = deployment.command("verify", "-o", "json").result()
    assert told.exit_code == 1
    assert json.loads(told.stdout)["orders_without_document"] == len(before)

    stop(worker)
    worker = deployment.worker("worker", order_state_customer="false")
    wait_until("each order has a document", lambda: documents(deployment).keys() == before.keys())
    assert withheld(deployment)
    stop(worker)
    deployment.worker("worker")
    wait_until("all of them are those of before", lambda: documents(deployment) == before)
    assert deployment.command("verify").result().exit_code == 0
