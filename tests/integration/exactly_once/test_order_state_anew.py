"""Topics of order states and lines are deleted and made anew. Commands tell of it, and a setting that is changed and
changed back has everything written again, as docs/recovery.md says."""

import json
import signal
from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.commands.broker import Broker
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDER_STATE

LINES = "order-lines"
WITH_LINES = {"order_lines": "true"}
WITHHELD = {"order_state_customer": "false"}

Last = Mapping[bytes, Mapping[str, Any]]


def last(deployment: Deployment, dataset: str) -> Last:
    """The last document, or line, of each key, without its revision."""
    found = {record.key or b"": record.value for record in deployment.records(dataset)}
    return {key: {**json.loads(value), "revision": None} for key, value in found.items() if value is not None}


def stop(worker: Service) -> None:
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


@pytest.mark.parametrize(
    ("settings", "changed", "gone"),
    [(WITH_LINES, WITHHELD, (ORDER_STATE, LINES)), (WITHHELD, WITH_LINES, (ORDER_STATE,))],
    ids=["without customers for a while", "with lines for a while"],
)
def test_all_are_written_again(
    deployment: Deployment, settings: Mapping[str, str], changed: Mapping[str, str], gone: tuple[str, ...]
) -> None:
    def said(*arguments: str, exit_code: int = 0, of: Mapping[str, str] = settings) -> tuple[str, str]:
        done = deployment.command(*arguments, **of).result()
        assert done.exit_code == exit_code, done
        return done.stdout, " ".join(done.stderr.split())

    def have() -> list[Last]:
        return [last(deployment, dataset) for dataset in gone]

    said("topics", "apply", "--yes")
    worker = deployment.worker("worker", **settings)
    worker.wait_ready()
    deployment.load.send(100)
    deployment.wait_settled()
    deployment.wait_judged()
    before = have()
    orders = before[0]
    assert all(len(each) > 1 for each in before)
    said("verify")

    for dataset in gone:
        Broker(deployment.settings).delete(dataset)
    _, told = said("topics", "apply", "--yes")
    for dataset in gone:
        assert f"{deployment.names.topic(dataset)}: what it held before is gone" in told
    ledger, _ = said("verify", "-o", "json", exit_code=1)
    assert json.loads(ledger)["orders_without_document"] == len(orders)

    stop(worker)
    meanwhile = {**settings, **changed}
    said("topics", "apply", "--yes", of=meanwhile)
    worker = deployment.worker("worker", **meanwhile)
    wait_until("each order has a document", lambda: last(deployment, ORDER_STATE).keys() == orders.keys())
    stop(worker)
    deployment.worker("worker", **settings)
    wait_until("all of them are those of before", lambda: have() == before)
    said("verify")
