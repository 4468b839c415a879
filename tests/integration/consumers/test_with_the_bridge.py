"""The examples behind a real worker end up with what the bridge says."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.consumers.programs import Runner, java_examples, python_examples
from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.orders import LONG_AGO
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDER_STATE, ORDERS
from tests.programs.checker.reading import TopicReader


@pytest.fixture
def deployment(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment on the session's broker."""
    with closing(Deployment(kafka.bootstrap_servers, prefix, tmp_path)) as deployment:
        yield deployment


def test_views_and_effects_are_what_the_bridge_says(
    deployment: Deployment, reader: TopicReader, runner: Runner, tmp_path: Path
) -> None:
    """Both languages side by side, for one worker."""
    both = [python_examples(), java_examples()]
    deployment.load.send(400)
    worker = deployment.worker("worker", orders_since=LONG_AGO)
    worker.wait_ready()
    deployment.wait_settled()
    state_records, events = (
        reader.read(reader.begins(reader.partitions(deployment.names.topic(dataset))))
        for dataset in (ORDER_STATE, ORDERS)
    )
    states = {(record.key or b"").decode(): (record.value or b"").decode() for record in state_records}
    assert any(event.header("bridge_conflict") for event in events)
    for number, examples in enumerate(both):
        view, effects, stores = tmp_path / f"view-{number}", tmp_path / f"effects-{number}", examples.stores
        follows = runner.order_view(examples, view)
        processes = runner.order_events(examples, effects, group=f"consumer-{number}")
        assert follows.caught_up() == (len(states), len(state_records))
        wait_until("all is stored", lambda: stores.view(view).orders == states)  # noqa: B023 - called at once
        wait_until("all are processed", lambda: len(processes.events()) == len(events))  # noqa: B023
        wait_until("all have effects", lambda: stores.effects(effects) == stores.expected_effects(events))  # noqa: B023
    for order_id, state in list(states.items())[:3]:
        assert asked(worker, f"/orders/{order_id}").state == json.loads(state)
