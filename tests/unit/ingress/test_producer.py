"""The last question before a batch leaves: may it?"""

from typing import Any

import pytest

from ingress.answers import Unavailable
from ingress.producer import KafkaProducer


class Sent:
    """aiokafka's producer, as far as sending goes."""

    def __init__(self) -> None:
        self.batches: list[Any] = []

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        self.batches.append((batch, topic, partition))
        return self._acknowledged()

    async def _acknowledged(self) -> None:
        return


async def test_a_batch_is_sent_while_nothing_speaks_against_it() -> None:
    sent = Sent()
    await KafkaProducer(sent, lambda: None).send_batch("batch", "raw", 3)
    assert sent.batches == [("batch", "raw", 3)]


async def test_with_an_objection_nothing_is_sent() -> None:
    """The rules are no longer this ingress's, or may not be: it was frozen, or cut off from the rules topic."""
    sent = Sent()
    with pytest.raises(Unavailable, match="under way"):
        await KafkaProducer(sent, lambda: "a migration is under way").send_batch("batch", "raw", 3)
    assert sent.batches == []
