"""Lanes are opened anew: after a failed write, after a lost answer, beside a silent broker."""

import socket
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest
from aiokafka.cluster import ClusterMetadata
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.transaction import EndTxnRequest
from aiokafka.structs import BrokerMetadata
from confluent_kafka.admin import NewPartitions
from faust.types import TP

from processors.engine.observer import LaneState
from tests.integration.engine.echo import Echo

pytestmark = pytest.mark.usefixtures("either_protocol")


async def test_a_lane_that_gets_nowhere_is_opened_anew_where_it_stood(echo: Echo) -> None:
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        app.lanes.restart(app.lanes.states())
        assert echo.state(app) is LaneState.FAILED
        echo.produce("b")
        await echo.caught_up(app, 2)
    assert echo.passed_on() == ["a", "b"]


async def test_a_table_that_has_refused_rows_once_is_opened_anew(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a write has failed, RocksDB takes no more rows, however much space there is by then."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(echo.table(app), "apply", refuse)
        echo.produce("b")
        await echo.caught_up(app, 2)
    assert echo.passed_on() == ["a", "b"]


async def test_a_commit_whose_answer_is_lost_is_not_repeated_in_the_same_epoch(
    echo: Echo, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first commit may still be on its way, and would end the next transaction. Only a fence makes sure."""
    epochs: list[int] = []
    send = AIOKafkaConnection.send

    async def lost(answer: Awaitable[object]) -> None:
        await answer
        raise KafkaConnectionError("the test has lost the answer")

    def losing(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Awaitable[object]:
        answer: Awaitable[object] = send(connection, request, expect_response)
        if request.API_KEY != EndTxnRequest.API_KEY:
            return answer
        epochs.append(getattr(request, "_request", request)._producer_epoch)  # by either protocol
        return lost(answer) if len(epochs) == 2 else answer  # the first one is the barrier's

    monkeypatch.setattr(AIOKafkaConnection, "send", losing)
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        echo.produce("b")
        await echo.caught_up(app, 2)
    assert epochs[1] < epochs[2]
    assert "no answer to EndTxnRequest" in caplog.text
    assert echo.passed_on() == ["a", "b"]


async def test_a_partition_that_somebody_has_added_has_no_lane_and_the_others_go_on(echo: Echo) -> None:
    """The partition has no changelog: a worker once ended itself again and again for lanes that could not be opened."""
    added = TP(echo.source, 1)
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        for widened in echo.admin.create_partitions([NewPartitions(echo.source, 2)]).values():
            widened.result(30)
        await echo.until(app, lambda: added in app.consumer.assignment())
        echo.produce("b")
        await echo.caught_up(app, 2)
        assert (set(app.lanes.states()), added in app.readings()) == ({TP(echo.source, 0)}, False)
    assert echo.passed_on() == ["a", "b"]


async def test_a_broker_that_is_silent_keeps_no_lane_closed_that_does_not_need_it(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker takes connections and says nothing. aiokafka would ask it for metadata as often as any other."""
    others = [f"{echo.prefix}.out{number}" for number in range(12)]
    echo.create(*others)
    options = replace(echo.options(), outputs=(echo.out, *others), transaction_timeout=10.0)
    monkeypatch.setattr(echo, "options", lambda: options)
    host, _, port = echo.servers.partition(":")
    update = ClusterMetadata.update_metadata
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as silent:

        def updated(cluster: Any, metadata: Any) -> None:
            update(cluster, metadata)
            cluster._brokers[98] = BrokerMetadata(98, host, int(port), None)  # one that answers, by another name
            cluster._brokers[99] = BrokerMetadata(99, *silent.getsockname(), None)

        async with echo.app() as app:
            await echo.opened(app)
            monkeypatch.setattr(ClusterMetadata, "update_metadata", updated)  # of the lane's next clients
            app.lanes.restart(app.lanes.states())
            await echo.opened(app)
