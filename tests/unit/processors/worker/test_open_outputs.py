"""What is said of transactions that nobody ends on the topics that lanes write."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.log_ends import LogBounds
from processors.engine.outages import Unanswered
from processors.engine.overrides.metadata import Broker
from processors.worker import open_outputs
from processors.worker.lane_health import OPEN_S
from processors.worker.open_outputs import OpenOutputs

LEADER = Broker(2, "kafka-2", 9092)
OPEN, LATER, ENDED = (LogBounds(0, *ends, LEADER, 5) for ends in ((9, 12), (10, 13), (12, 12)))
SILENT = Unanswered("its leader does not answer", LEADER)
STATE = TP("order-state", 3)
LATE = OPEN_S + 1
WAITS = "a transaction has been open for 46 s: 3 offsets from 9 on wait for it"


def said(*samples: tuple[float, LogBounds | Unanswered]) -> str | None:
    """What is said at the last of these times. Each comes with what was known of the log then."""
    outputs = OpenOutputs()
    for at, log in samples:
        outputs.look({STATE: log}, at)
    return outputs.problem()


def test_one_that_does_not_end_is_told_and_those_of_the_lanes_are_not() -> None:
    assert said((0, OPEN), (LATE - 1, OPEN)) is None
    assert said((0, OPEN), (30, LATER), (LATE, LATER)) is None
    assert said((0, OPEN), (LATE, OPEN), (LATE + 15, ENDED)) is None
    assert said((0, OPEN), (30, SILENT), (LATE, OPEN)) == f"order-state/3: {WAITS}"
    assert said((0, OPEN), (LATE, OPEN), (LATE + 15, SILENT)) is None


def test_of_many_the_first_ones_are_named() -> None:
    outputs = OpenOutputs()
    for now in (0.0, LATE):
        outputs.look({TP("order-state", number): OPEN for number in range(12)}, now)
    assert (outputs.problem() or "").endswith(f"order-state/9: {WAITS}; and 2 more")


class Lanes:
    """Lanes of one worker."""

    written = ("conflicts", "order-state")

    def assigned(self) -> Collection[TP]:
        return {TP("raw", 1), TP("raw", 4), TP("orders", 4)}


class Ends:
    """Ends of logs on which a transaction hangs."""

    def __init__(self) -> None:
        self.asked, self.is_closed = list[list[TopicPartition]](), False

    async def bounds(self, partitions: list[TopicPartition]) -> dict[TopicPartition, LogBounds]:
        self.asked.append(partitions)
        if len(self.asked) == 2:
            raise ValueError("what no broker answers")
        return dict.fromkeys(partitions, OPEN)

    async def close(self) -> None:
        self.is_closed = True


async def test_a_worker_looks_at_the_partitions_with_the_numbers_of_its_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_outputs, "_LOOK_S", 0.001)
    monkeypatch.setattr(open_outputs, "OPEN_S", 0.0)
    ends: Any = Ends()
    outputs = OpenOutputs()
    looking = asyncio.create_task(outputs.run(Lanes(), ends))
    async with asyncio.timeout(30):
        while len(ends.asked) < 4 or outputs.problem() is None:
            await asyncio.sleep(0.001)
    assert ends.asked[0] == [TopicPartition(topic, number) for topic in Lanes.written for number in (1, 4)]
    looking.cancel()
    await asyncio.wait({looking})
    assert (outputs.problem(), ends.is_closed) == (None, True)
