"""The broker's disk has damaged a batch of raw. Commands tell where it ends, and read what is around it."""

import json
import time

import pytest

from bridge.settings import Settings
from commands.status.kafka_side import PATIENCE_S
from deploy.local.kafka import LocalKafka
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand, order_event
from tests.integration.damage import damaged
from tests.integration.waiting import wait_until


@pytest.fixture
def kafka(mortal_kafka: LocalKafka) -> LocalKafka:
    """A broker whose disk may be damaged."""
    return mortal_kafka


def test_commands_tell_where_it_ends_and_read_around_it(kafka: LocalKafka, settings: Settings, bridge: Run) -> None:
    assert bridge("topics", "apply", "--yes").exit_code == 0
    hand, raw = ByHand(settings), settings.topics.raw
    for number in range(3):
        name = f"SO-{number}"
        body = hand.raw(order_event("order.created", name), time.time_ns() // 10**6)
        hand.cleaned(body, name, f"acme/order.created/{name}", timestamp=time.time_ns() // 10**6)
    hand.processed(raw_offset=1, orders_offset=1)
    told = f"{raw}/0: offset 1 cannot be read, for the broker that leads it gives out a damaged batch"
    with damaged(kafka, raw, b'"SO-1"'):
        shown = bridge("record", "show", "0:1")
        assert shown.exit_code == 2
        assert told in shown.stderr
        assert shown.stderr.rstrip().endswith("the first offset behind it is 2.")
        assert [bridge("record", "show", place).exit_code for place in ("0:0", "0:2")] == [0, 0]
        assert any(told in problem for problem in problems(bridge))

        hand.processed(raw_offset=3, orders_offset=3)  # as the documented way around it does
        assert not any(told in problem for problem in problems(bridge))
        verified = bridge("verify", "--wait", "0s")
        assert (verified.exit_code, told in verified.output.replace("\n", " ")) == (1, True)
        refused = bridge("topics", "migrate", "--yes", partitions="4")  # it once ended half-way, partitions added
        assert (refused.exit_code, told in refused.stderr) == (2, True), refused.stderr
        assert bridge("topics", "check").exit_code == 0
    verified = bridge("verify", "--wait", "0s")
    assert verified.exit_code == 0, verified.output


def problems(bridge: Run) -> list[str]:
    """What `bridge status` tells once Kafka has answered in time."""

    def heard() -> tuple[list[str]] | None:
        told = [each["what"] for each in json.loads(bridge("status", "-o", "json").stdout)["problems"]]
        return None if any(f"within {PATIENCE_S:g} s" in problem for problem in told) else (told,)

    (told,) = wait_until("Kafka is heard in time", heard)
    return told
