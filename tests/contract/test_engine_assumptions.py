"""What processors/engine/overrides assumes of the pinned Faust and aiokafka.

Two kinds of checks: behaviour that an override exists for, shown on upstream's own code, and fingerprints of upstream
code that is overridden or reached into. If a fingerprint fails, read the new code, check the override, then renew the
fingerprint."""

import hashlib
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection, OAuthAuthenticator, ScramAuthenticator, collect_hosts, create_conn
from aiokafka.consumer import consumer as aiokafka_consumer
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator
from aiokafka.producer.producer import AIOKafkaProducer
from aiokafka.producer.sender import (
    AddPartitionsToTxnHandler,
    BaseHandler,
    EndTxnHandler,
    Sender,
    SendProduceReqHandler,
    TxnOffsetCommitHandler,
)
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy, _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.structs import TopicPartition
from faust.app.base import App
from faust.assignor.partition_assignor import PartitionAssignor
from faust.serializers.schemas import Schema
from faust.tables.base import Collection
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer as FaustConsumer
from faust.transport.drivers import aiokafka as driver

from processors.engine.overrides.offsets import read_response
from processors.engine.overrides.producer import AddPartitions
from tests.unit.processors.engine.test_empty_markers import log_with_an_empty_marker
from tests.unit.processors.engine.test_records import read

SOURCE = TopicPartition("raw", 0)


def _loading() -> SimpleNamespace:
    """An OffsetFetch answer of a coordinator that is loading its log."""
    return SimpleNamespace(error_code=14, topics=[("raw", [(0, -1, "", 0)])])


async def test_a_static_member_does_not_leave_the_group() -> None:
    """Stopped in order, it keeps its partitions until its session is over."""
    sent: list[Any] = []

    async def send(request: Any) -> None:
        sent.append(request)

    for instance, requests in (("worker-0", 0), (None, 1)):
        coordinator: Any = SimpleNamespace(
            generation=7,
            _group_instance_id=instance,
            group_id="group",
            member_id="member",
            _send_req=send,
            reset_generation=lambda: None,
        )
        await GroupCoordinator._maybe_leave_group(coordinator)
        assert len(sent) == requests


async def test_aiokafka_takes_a_loading_coordinator_for_no_committed_offset() -> None:
    """The reason for overrides/offsets.py: upstream would start over at the beginning."""

    async def answer(_request: Any) -> SimpleNamespace:
        return _loading()

    coordinator: Any = SimpleNamespace(group_id="group", _send_req=answer)
    assert await GroupCoordinator._do_fetch_commit_offsets(coordinator, [SOURCE]) == {}
    assert read_response(_loading()) is None


def test_an_offset_fetch_answer_counts_only_if_every_partition_is_without_error() -> None:
    good = SimpleNamespace(error_code=0, topics=[("raw", [(0, 42, "a note", 0), (1, -1, "", 0)])])
    bad = SimpleNamespace(error_code=0, topics=[("raw", [(0, 42, "", 0), (1, -1, "", 16)])])
    assert read_response(good) == {SOURCE: (42, "a note")}
    assert read_response(bad) is None


def test_an_empty_batch_takes_a_record_of_any_size() -> None:
    """Unit.emit relies on it: a body of 8 MiB goes into a batch of 1 MiB."""
    batch = BatchBuilder(100, 0, is_transactional=True)
    assert batch.append(timestamp=1, key=b"k", value=b"x" * 10_000, headers=[]) is not None


def test_retries_read_the_senders_backoff_anew() -> None:
    """`with_growing_backoff` sets it while a transaction is under way."""
    assert BaseHandler(SimpleNamespace(_retry_backoff=0.7))._default_backoff == 0.7


@pytest.mark.parametrize(("error", "upstream", "ours"), [(51, 0.02, 0.7), (14, 0.7, 0.7), (0, None, None)])
def test_partitions_are_announced_again_after_the_senders_backoff(
    error: int, upstream: float | None, ours: float | None
) -> None:
    """While the transaction before ends (51), upstream waits for a time of its own, as long as a whole transaction
    takes."""
    answer = SimpleNamespace(errors=[("cleaned", [(0, error)])])
    for handler, backoff in ((AddPartitionsToTxnHandler, upstream), (AddPartitions, ours)):
        sender = SimpleNamespace(
            _retry_backoff=0.7, _txn_manager=SimpleNamespace(txn_partitions=set(), partition_added=lambda _: None)
        )
        assert handler(sender, {TopicPartition("cleaned", 0)}).handle_response(answer) == backoff


def test_aiokafka_reads_nothing_behind_a_marker_without_a_record() -> None:
    """The reason why `mend_aiokafka` replaces `_contains_abort_marker`."""
    assert read(log_with_an_empty_marker(), [], 0, READ_COMMITTED, ours=False)[1:] == (1, KafkaError)


@pytest.mark.parametrize(
    ("upstream", "fingerprint"),
    [
        (driver.AIOKafkaConsumerThread._create_worker_consumer, "9246a21942b3"),
        (driver.AIOKafkaConsumerThread._fetch_records, "8e15801cd1ae"),
        (driver.AIOKafkaConsumerThread.on_start, "5550ff514f9b"),
        (driver.Producer._settings_auth, "24d1aa9a584e"),
        (driver.Producer._new_producer, "fc3a1db4b530"),
        (FaustConsumer._drain_messages, "b62bd6539aeb"),
        (FaustConsumer.perform_seek, "3abec3df46b4"),
        (TableManager._update_channels, "49b93df9b674"),
        (TableManager.on_rebalance, "6c39f409fe7a"),
        (TableManager.on_stop, "655f27adc7fa"),
        (Recovery._resume_streams, "65a824f3789d"),
        (Recovery.on_rebalance, "ccf60b5f1747"),
        (Recovery._wait, "a17ce9f74487"),
        (App._on_partitions_revoked, "289e06db160c"),
        (App._on_partitions_assigned, "87d6dabfbdaf"),
        (App._stop_consumer, "f6eba0a41adf"),
        (App._new_transport, "bcd71ef2af8c"),
        (PartitionAssignor.external_topics_metadata, "ca0a00d250b6"),
        (GroupCoordinator._do_heartbeat, "e9a9a9516623"),
        (GroupCoordinator._heartbeat_routine, "0c4b6cf1f0df"),
        (GroupCoordinator.ensure_active_group, "37c820655b61"),
        (GroupCoordinator._do_rejoin_group, "6ea43256f30b"),
        (GroupCoordinator.reset_generation, "680acecbba51"),
        (GroupCoordinator._push_error_to_user, "466858df8ba7"),
        (GroupCoordinator.check_errors, "5530c6f14f23"),
        (GroupCoordinator._GroupCoordinator__coordination_routine, "8aefa7a9dabf"),
        (AIOKafkaClient.bootstrap, "5cea6d39e98e"),
        (AIOKafkaClient.hosts.fget, "0dd95ade27f4"),
        (AIOKafkaClient.get_random_node, "782932470e33"),
        (Fetcher.fetched_records, "377ee3925c9f"),
        (FetchResult.getall, "23b4cfee4bb0"),
        (FetchResult._update_position, "b82cb4af30fc"),
        (FetchResult.check_assignment, "aafbede32472"),
        (PartitionRecords, "6cea7630af76"),
        (_MemoryRecordsPy, "eba443547e40"),
        (_DefaultRecordBatchPy, "10879d728912"),
        (_DefaultRecordBatchBuilderPy, "60bed77073cb"),
        (BatchBuilder, "ba74d530c6e9"),
        (MessageAccumulator.create_builder, "58846bbd336a"),
        (aiokafka_consumer.AIOKafkaConsumer.seek, "bb08b93d4a66"),
        (AIOKafkaProducer.stop, "a479f099ac26"),
        (AIOKafkaProducer.send_batch, "94a05520ee3c"),
        (AIOKafkaProducer.commit_transaction, "2ee1009e1371"),
        (Sender._sender_routine, "92df9018a3a3"),
        (Sender._send_produce_req, "9693c30e1aa0"),
        (Sender._maybe_do_transactional_request, "ca35537ccba2"),
        (Sender._do_add_partitions_to_txn, "4f6ea08e1ddf"),
        (BaseHandler.do, "8a53789061a7"),
        (AIOKafkaClient.send, "c2f3bfe3c12f"),
        (Fetcher._proc_fetch_request, "120083e326eb"),
        (TransactionManager.maybe_add_partition_to_txn, "639f2fe5d770"),
        (TransactionManager.wait_for_pid, "48e57fdfad56"),
        (TransactionManager.add_offsets_to_txn, "b65fb7716735"),
        (TransactionManager.consumer_group_to_add, "cc621cb50485"),
        (TransactionManager.consumer_group_added, "7264593b29bf"),
        (TransactionManager.offsets_to_commit, "1a65fcb9cacf"),
        (TransactionManager.needs_transaction_commit, "da72c1dd04be"),
        (TransactionManager.increment_sequence_number, "fb70531f0b58"),
        (SendProduceReqHandler.handle_response, "672cc39cd90d"),
        (TxnOffsetCommitHandler.handle_response, "3f2e142e0e5f"),
        (EndTxnHandler.handle_response, "a526c91ba1e3"),
        (GroupCoordinator._send_req, "9def76135c72"),
        (MessageAccumulator.fail_all, "32c49efd9451"),
        (Sender._fail_all, "e1eb36122b42"),
        (App.on_first_start, "408c2a4a3e95"),
        (App._new_consumer, "02432d540368"),
        (driver.Consumer._new_consumer_thread, "991867355aba"),
        (FaustConsumer.commit, "ca4e85d024ef"),
        (FaustConsumer.verify_all_partitions_active, "1b3c53c9b8b8"),
        (Recovery._restart_recovery.fun, "8cff0a470388"),
        (Recovery._slurp_changelogs.fun, "43660121cfa4"),
        (Recovery._publish_stats.fun, "cc6a37c4aa8d"),
        (TableManager.on_start, "ff7f72f993a6"),
        (Collection._new_store, "325d44c72ab7"),
        (Schema.compile, "46a59f0edae9"),
        (Fetcher.__init__, "610ef8bacb2a"),
        (Fetcher._fetch_requests_routine, "e861223b73dd"),
        (PartitionRecords._contains_abort_marker, "5d461e7ad8ce"),
        (create_conn, "8103bcf65f55"),
        (collect_hosts, "bf63c2d164c8"),
        (AIOKafkaConnection.connect, "a20236e1f997"),
        (AIOKafkaConnection.send, "e8294959412a"),
        (AIOKafkaConnection.close, "7e120289fbc5"),
        (OAuthAuthenticator.step, "83b1f41dfea1"),
        (ScramAuthenticator.__init__, "20fc5340b1da"),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_upstream_code_is_the_code_that_was_read(upstream: Callable[..., Any], fingerprint: str) -> None:
    assert _fingerprint(upstream) == fingerprint


def _fingerprint(upstream: Callable[..., Any]) -> str:
    return hashlib.blake2b(inspect.getsource(upstream).encode(), digest_size=6).hexdigest()
