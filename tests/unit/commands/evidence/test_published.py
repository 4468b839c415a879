"""Which kept records were published again, by their copies in raw."""

import asyncio
from typing import Any

from aiokafka.structs import TopicPartition

from bridge.kafka.reading import Source
from commands.evidence.published import Published
from commands.evidence.reading import unheard
from schemas.headers import REPLAY
from tests.unit.commands.damaged import Batch, DamagedLogs

RAW = TopicPartition("raw", 0)


def test_only_what_names_a_place_is_a_copy() -> None:
    """Others may write into raw, and Kafka headers may lack a value."""
    said: list[Any] = [[(REPLAY, b"0:5")], [(REPLAY, None)], [(REPLAY, b"x")], [("x", b"0:6")], []]
    consumer: Any = DamagedLogs({RAW: [Batch(0, [(b"", b"", headers) for headers in said])]})
    published = Published(REPLAY, {RAW: 0})
    asyncio.run(published.read_up_to({RAW: len(said)}, consumer, unheard))
    assert published.places == {Source(0, 5)}
