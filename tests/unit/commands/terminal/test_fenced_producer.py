"""The producer of commands, if an answer within a transaction is lost. For the outcome on a real broker see
tests/integration/commands/test_backfill_interrupted.py."""

from unittest.mock import AsyncMock

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.transaction import EndTxnRequest

from bridge.settings import Settings
from commands.terminal import fenced_producer as module
from commands.terminal.fenced_producer import fenced_producer
from commands.terminal.words import in_words
from processors.engine.overrides.producer import NoOutcomeError

SETTINGS = Settings(tenant="acme")


@pytest.fixture
def without_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """A producer is fenced and its id known; every connection breaks before an answer."""
    for name in ("fence", "check_rules"):
        monkeypatch.setattr(module, name, AsyncMock())
    monkeypatch.setattr(AIOKafkaClient, "send", AsyncMock(side_effect=KafkaConnectionError("closed")))


@pytest.mark.usefixtures("without_kafka")
async def test_it_ends_with_a_lost_answer_as_those_of_lanes_do() -> None:
    async with fenced_producer(SETTINGS, "a-command") as producer:
        with pytest.raises(NoOutcomeError):
            await producer.client.send(1, EndTxnRequest("a-command", 1, 0, True))


def test_a_lost_answer_is_told_with_what_to_do() -> None:
    said = in_words(NoOutcomeError("no answer to EndTxnRequest_v0: KafkaConnectionError()"), SETTINGS)
    assert said == "An answer of Kafka's was lost, so whether its transaction is stored is not known: run this again"
