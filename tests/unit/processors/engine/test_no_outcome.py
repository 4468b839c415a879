"""Requests of a transaction whose answers are lost, without Kafka."""

from functools import partial
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError, RequestTimedOutError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    TxnOffsetCommitRequest,
)

from bridge.kafka.words import in_words
from bridge.settings import Settings
from processors.engine.errors import words_of
from processors.engine.overrides.producer import NoOutcomeError, _send_once

TRANSACTIONAL = [
    AddPartitionsToTxnRequest("id", 1, 0, []),
    AddOffsetsToTxnRequest("id", 1, 0, "group"),
    TxnOffsetCommitRequest("id", "group", 1, 0, []),
    EndTxnRequest("id", 1, 0, True),
]
REPEATABLE = [InitProducerIdRequest("id", 1_000), ProduceRequest("id", -1, 1_000, [])]
"""Sent twice, one of these does no more than sent once."""


async def lose(error: Exception, *_: Any) -> None:
    raise error


@pytest.mark.parametrize("request_", TRANSACTIONAL, ids=lambda request: type(request).__name__)
@pytest.mark.parametrize("error", [KafkaConnectionError("closed"), RequestTimedOutError()], ids=repr)
async def test_a_lost_answer_of_a_transaction_is_no_reason_to_ask_again(request_: Any, error: Exception) -> None:
    with pytest.raises(NoOutcomeError, match="no answer"):
        await _send_once(partial(lose, error), 1, request_)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (KafkaConnectionError("Connection at kafka-2:9092 closed"), "Connection at kafka-2:9092 closed"),
        (RequestTimedOutError(), "REQUEST_TIMED_OUT"),
    ],
)
async def test_the_log_does_not_take_a_lost_answer_for_one_of_kafkas(error: Exception, why: str) -> None:
    """The error's base classes are only there for aiokafka, and one of them is an answer that Kafka may give."""
    with pytest.raises(NoOutcomeError) as lost:
        await _send_once(partial(lose, error), 1, TRANSACTIONAL[-1])
    assert in_words(lost.value, Settings(tenant="acme")) == f"no answer to EndTxnRequest ({why})"
    assert words_of(lost.value) == f"no answer to EndTxnRequest ({why})"


@pytest.mark.parametrize("request_", TRANSACTIONAL, ids=lambda request: type(request).__name__)
async def test_what_was_never_sent_may_be_sent(request_: Any) -> None:
    with pytest.raises(NodeNotReadyError):
        await _send_once(partial(lose, NodeNotReadyError()), 1, request_)


@pytest.mark.parametrize("request_", REPEATABLE, ids=lambda request: type(request).__name__)
async def test_other_requests_are_aiokafkas_to_repeat(request_: Any) -> None:
    with pytest.raises(KafkaConnectionError):
        await _send_once(partial(lose, KafkaConnectionError("closed")), 1, request_)
