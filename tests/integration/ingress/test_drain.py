"""On SIGTERM the ingress is unready at once, finishes what is in flight, takes nothing new, and ends with 0."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.http.bounds import LAST_REQUESTS_S
from deploy.local.ports import free_ports
from tests.integration.ingress.callers import calling, delivery, noting_gaps
from tests.integration.ingress.conftest import Body, Serve
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.topic import stored
from tests.integration.ingress.wire import KEY, Wire

ROUNDS = 5
TRIES = 4 * ROUNDS
"""Tries in which the machine was too busy show nothing."""
PIPELINED = 2000
LONGEST_GAP_S = LAST_REQUESTS_S / 2
"""If callers have no CPU for longer, what they send next may come too late."""


def test_a_delivery_in_flight_is_finished_and_later_ones_are_sent_away(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    event, late = body(), body()
    (operations,) = free_ports(1)
    changed = {"BRIDGE_OPS_PORT": str(operations), "BRIDGE_TEST_DRAIN": "60"}
    with serve({**deployment, **changed}, tmp_path) as ingress:
        ingress.operations_port = operations
        ingress.wait_until_ready()
        with Wire(ingress.port) as early, Wire(ingress.port) as other:
            early.head(KEY, f"Content-Length: {len(event)}", "Expect: 100-continue")
            assert early.answer()[0] == 100  # so it is being handled
            ingress.terminate()
            ingress.wait_for_log("draining")
            assert ingress.status("/readyz") == 503
            assert ingress.status("/livez") == 200
            other.head(KEY, f"Content-Length: {len(late)}")
            other.send(late)
            status, headers = other.answer()
            assert (status, headers["connection"]) == (500, "close")
            assert "retry-after" in headers
            assert other.closed()
            early.send(event)
            assert early.answer()[0] == 200
        assert ingress.exit_code() == 0
    raw = f"{deployment['BRIDGE_TOPIC_PREFIX']}.raw.v1"
    values = [record.value for record in stored(deployment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"], raw)]
    assert event in values
    assert late not in values


def test_idle_connections_do_not_hold_it_up(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    event = body()
    with serve(deployment, tmp_path) as ingress:
        ingress.wait_until_ready()
        with Wire(ingress.port) as wire:
            wire.head(KEY, f"Content-Length: {len(event)}")
            wire.send(event)
            assert wire.answer()[0] == 200
            ingress.terminate()
            assert wire.closed()
        assert ingress.exit_code() == 0


@pytest.mark.parametrize("come_again", [False, True], ids=["one connection each", "one after the other"])
async def test_under_full_load_every_request_that_was_sent_gets_its_answer(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body, come_again: bool
) -> None:
    """And each connection ends without a reset, also if it is opened while the ingress ends."""
    outcomes = list[Counter[str]]()
    for _ in range(TRIES):
        with serve(deployment, tmp_path) as ingress:
            ingress.wait_until_ready()
            async with (
                noting_gaps() as gaps,
                calling(ingress.port, delivery(body()), 64, come_again=come_again) as outcome,
            ):
                while outcome["200"] < 500:
                    await asyncio.sleep(0.01)
                gaps.clear()
                ingress.terminate()
            assert await asyncio.to_thread(ingress.exit_code) == 0
        if max(gaps, default=0.0) < LONGEST_GAP_S:
            outcomes.append(outcome)
        if len(outcomes) == ROUNDS:
            break
    assert [each.keys() - {"200", "500"} for each in outcomes] == [set()] * ROUNDS, outcomes
    assert not come_again or all(each["500"] for each in outcomes)  # so some came while it was ending


def test_pipelined_deliveries_are_answered_to_the_last_of_them(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    """More than are read ahead, and more than one read brings."""
    with serve(deployment, tmp_path) as ingress:
        ingress.wait_until_ready()
        with Wire(ingress.port) as wire:
            wire.send(delivery(body()) * PIPELINED)
            assert wire.answer()[0] == 200
            ingress.terminate()
            answers = [wire.answer() for _ in range(PIPELINED - 1)]
            assert {status for status, _ in answers} <= {200, 500}
            assert [headers.get("connection") for _, headers in answers].index("close") == PIPELINED - 2
            assert wire.closed()
        assert ingress.exit_code() == 0


def test_who_ends_its_side_after_the_request_gets_the_answer(shared: Ingress, body: Body) -> None:
    with Wire(shared.port) as wire:
        wire.send(delivery(body()) * 3)
        wire.end()
        assert [wire.answer()[0] for _ in range(3)] == [200, 200, 200]
        assert wire.closed()
