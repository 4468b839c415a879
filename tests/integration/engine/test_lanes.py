"""Lanes on a real broker: what they do when something is not as it should be."""

import logging
import re
import shutil
import socket
import time
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka.cluster import ClusterMetadata
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.transaction import EndTxnRequest
from aiokafka.structs import BrokerMetadata
from confluent_kafka import TopicPartition

from deploy.local.kafka import LocalKafka
from processors.engine.errors import TableError
from processors.engine.expiry import MARGIN_MS
from processors.engine.observer import LaneState
from processors.engine.refusals import IN_A_ROW
from processors.engine.unit import Unit
from tests.integration.engine.echo import Echo


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Echo:
    return Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")


async def test_each_key_is_passed_on_once_also_after_a_restart_without_local_state(echo: Echo) -> None:
    echo.produce("a", "b", "a")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
    shutil.rmtree(echo.directory)
    echo.produce("b", "c")
    async with echo.app() as app:
        await echo.caught_up(app, 5)
    assert echo.passed_on() == ["a", "b", "c"]


async def test_a_recovery_reads_what_is_missing_and_says_how_much(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    """From the table's offset on: a restart with local state reads nothing, one without it everything."""
    logger = "processors.engine.recovery"
    caplog.set_level(logging.INFO, logger)
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert [record for record in caplog.records if record.name == logger] == []
    shutil.rmtree(echo.directory)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
        assert echo.table(app).unread == 0
    [said] = [record.getMessage() for record in caplog.records if record.name == logger]
    assert re.match(r"recovery: [34] changelog records read in .* about 0 to go in 0 partitions", said)


async def test_a_chunk_whose_tables_could_not_be_read_comes_again(echo: Echo) -> None:
    """That is no fault of its records: nothing of them is put aside, acknowledged or left behind."""
    failures = iter([TableError("first try"), TableError("second try")])

    def fail(unit: Unit) -> None:
        if unit.records and (error := next(failures, None)):
            raise error

    echo.fail = fail
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert next(failures, None) is None
    assert echo.passed_on() == ["a", "b"]


def poisonous(echo: Echo, *keys: str) -> None:
    """Let the handler fail wherever one of these keys is."""

    def fail(unit: Unit) -> None:
        if bad := [record.key for record in unit.records if record.key.decode() in keys]:
            raise ValueError(f"cannot process {bad}")

    echo.fail = fail


async def test_a_record_on_which_the_handler_fails_is_put_aside_and_no_other(echo: Echo) -> None:
    """The chunk is bisected; what the first attempts left behind in their units is gone, and the order stays."""
    poisonous(echo, "bad", "worse")
    keys = [f"good {n}" for n in range(20)]
    keys[3:3] = ["bad"]
    keys[17:17] = ["worse"]
    echo.produce(*keys)
    async with echo.app() as app:
        await echo.caught_up(app, 22)
        assert echo.state(app) is LaneState.READY
    assert echo.passed_on() == [f"refused: {key}" if key in {"bad", "worse"} else key for key in keys]


async def test_a_handler_that_fails_on_everything_halts_its_lane(echo: Echo) -> None:
    """After a bad deployment, a topic must wait, not go into quarantine; a rebalance changes nothing."""
    keys = [f"bad {n}" for n in range(30)]
    poisonous(echo, *keys)
    echo.produce("good", *keys)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
        await app.lanes.open_all(app.lanes.states())
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["good", *(f"refused: {key}" for key in keys[:IN_A_ROW])]

    poisonous(echo)  # a version that can process them
    async with echo.app() as app:
        await echo.caught_up(app, 31)
    assert echo.passed_on()[IN_A_ROW + 1 :] == keys[IN_A_ROW:]


async def test_a_record_that_cannot_even_be_put_aside_halts_its_lane(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_unit: Unit, error: Exception) -> None:
        raise RuntimeError("the quarantine is broken, too") from error

    poisonous(echo, "bad")
    monkeypatch.setattr(echo, "refuse", refuse)
    echo.produce("good", "bad", "later")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["good"]


async def test_a_lane_that_gets_nowhere_is_opened_anew_where_it_stood(echo: Echo) -> None:
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        app.lanes.restart(app.lanes.states())
        assert echo.state(app) is LaneState.FAILED
        echo.produce("b")
        await echo.caught_up(app, 2)
    assert echo.passed_on() == ["a", "b"]


async def test_a_group_without_offsets_goes_on_from_the_changelogs_position(echo: Echo) -> None:
    """Group offsets expire, and a loading coordinator hides them: nothing may be processed twice for it."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    for deleted in echo.admin.delete_consumer_groups([echo.group]).values():
        deleted.result(30)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert echo.passed_on() == ["a", "b"]


async def test_records_deleted_before_a_running_lane_has_read_them_halt_it(
    echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    """What was fetched of them meanwhile is at most one: they are as large as a fetch."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        app.consumer.stop_flow()
        echo.produce("lost", "lost too", "lost as well", value=bytes(700_000))
        echo.produce("d")
        for deleted in echo.admin.delete_records([TopicPartition(echo.source, 0, 4)]).values():
            deleted.result(30)
        app.consumer.resume_flow()
        await echo.until(app, lambda: "is out of the log's range" in caplog.text)
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() in (["a"], ["a", "lost"])


async def test_records_deleted_before_they_were_processed_halt_the_lane_until_an_operator_decides(echo: Echo) -> None:
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    echo.produce("lost", "lost too", "d")
    for deleted in echo.admin.delete_records([TopicPartition(echo.source, 0, 3)]).values():
        deleted.result(30)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.set_group_offset(3)
    async with echo.app() as app:
        await echo.caught_up(app, 4)
    assert echo.passed_on() == ["a", "d"]


async def test_a_source_that_was_replaced_halts_the_lane_even_when_it_has_grown_past_the_position(echo: Echo) -> None:
    """Everything below the position is new there. Nothing local knows of it: the changelog does."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    shutil.rmtree(echo.directory)
    for deleted in echo.admin.delete_topics([echo.source]).values():
        deleted.result(30)
    async with echo.app_when_created_again(echo.source) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.produce("c", "d", "e")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["a", "b"]


async def test_a_table_that_has_refused_rows_once_is_opened_anew(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """RocksDB takes no row any more after a write has failed, however much space there is by then."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(echo.table(app), "apply", refuse)
        echo.produce("b")
        await echo.caught_up(app, 2)
    assert echo.passed_on() == ["a", "b"]


async def test_local_state_of_another_topic_halts_the_lane_and_is_kept(echo: Echo) -> None:
    """A changelog that was deleted and made again: local state may be the last copy, so it is not wiped."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    for deleted in echo.admin.delete_topics([echo.changelog]).values():
        deleted.result(30)
    async with echo.app_when_created_again(echo.changelog) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert any((echo.directory / "seen" / "0").iterdir())


async def test_local_state_of_another_cluster_halts_the_lane_and_is_kept(echo: Echo) -> None:
    """The same names elsewhere: a data directory that came along when the brokers' address was changed."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        table = echo.table(app)
        table.lineage = f"another-cluster/{str(table.lineage).partition('/')[2]}"
    echo.produce("b")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert any((echo.directory / "seen" / "0").iterdir())
    assert echo.passed_on() == ["a"]


async def test_local_state_ahead_of_the_changelog_halts_the_lane(echo: Echo) -> None:
    """Kafka lost committed records, or the directory comes from elsewhere."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        echo.table(app).apply([(b"ahead", b"1")], offset=1_000)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)


async def test_a_commit_whose_answer_is_lost_is_not_repeated_in_the_same_epoch(
    echo: Echo, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one may still be on its way, and would end the transaction that follows. Only a fence makes sure."""
    epochs: list[int] = []
    send = AIOKafkaConnection.send

    async def lost(answer: Awaitable[object]) -> None:
        await answer
        raise KafkaConnectionError("the test has lost the answer")

    def losing(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Awaitable[object]:
        answer: Awaitable[object] = send(connection, request, expect_response)
        if not isinstance(request, EndTxnRequest):
            return answer
        epochs.append(request._producer_epoch)
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


async def test_an_idle_partition_opens_without_a_directory_when_retention_has_taken_its_rows(echo: Echo) -> None:
    """The changelog forgets by the rows' age, its position with them; the group's offset says how old that was."""
    echo.retention_ms = 5 * MARGIN_MS
    echo.produce("a", "b", timestamp=time.time_ns() // 1_000_000 - 10 * MARGIN_MS)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    shutil.rmtree(echo.directory)
    echo.delete_all(echo.source, echo.changelog)
    async with echo.app() as app:
        await echo.opened(app)


async def test_a_changelog_without_its_newest_position_halts_the_lane(echo: Echo) -> None:
    """Rows that it should have are gone: what they were of would pass twice."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    shutil.rmtree(echo.directory)
    echo.delete_all(echo.changelog)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)


async def test_a_broker_that_is_silent_keeps_no_lane_closed_that_does_not_need_it(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes connections and says nothing; aiokafka would ask it for metadata as often as any other."""
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
