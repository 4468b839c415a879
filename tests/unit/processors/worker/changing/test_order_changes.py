"""A change is made by the owner of the order, once, and by nobody else in its place."""

import asyncio
from functools import partial
from itertools import count
from typing import Any

import pytest

from bridge.kafka.partitioner import partition_for
from processors.engine.changes import Changes
from processors.worker.changing import order_changes as module
from processors.worker.changing.order_changes import OrderChanges
from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError
from tests.unit.processors.engine.test_changes import make, writing
from tests.unit.processors.worker.queries.partitions import PARTITIONS, FakeOwners, Shop

OTHER = "http://other"
CALLER = Caller("key 1", "Bearer a")
PASSED_ON = ("/gaps/order.created/ack", b"{}")
ORDER = "a/b"
PLACE = partition_for(ORDER.encode(), PARTITIONS)


class Peer:
    """The other worker: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes | None]] = []
        self.away = False

    async def ask(self, worker: str, path: str, caller: Caller, body: bytes | None = None) -> Answer:
        assert caller is CALLER
        self.asked.append((worker, path, body))
        if self.away:
            raise AwayError("it does not answer")
        return Answer(200, b"theirs")


class Worker:
    """A worker with these partitions. Another one has the others."""

    def __init__(self, mine: set[int]) -> None:
        self.owners = FakeOwners(Shop(), mine, {OTHER: [n for n in range(PARTITIONS) if n not in mine]})
        self.peer, self.changes = Peer(), Changes()
        owners: Any = self.owners
        peers: Any = self.peer
        self._order_changes = OrderChanges(owners, peers, self.changes)

    async def ask(self, *, forwarded: bool = False) -> Answer:
        return await self._order_changes.make(
            ORDER, writing("a"), lambda told: Answer(200, told.encode()), PASSED_ON, CALLER, forwarded=forwarded
        )


async def test_the_owner_makes_it_and_answers_once_it_is_committed() -> None:
    worker = Worker({PLACE})
    asked = asyncio.create_task(worker.ask())
    await asyncio.sleep(0)
    _, unit = make(worker.changes, PLACE)
    assert not asked.done()
    unit.commit()
    assert (await asked).content == b"a is there"
    assert worker.peer.asked == []


async def test_another_workers_order_is_changed_there() -> None:
    worker = Worker(set(range(PARTITIONS)) - {PLACE})
    assert (await worker.ask()).content == b"theirs"
    assert worker.peer.asked == [(OTHER, "/orders/a%2Fb/gaps/order.created/ack", b"{}")]
    assert make(worker.changes, PLACE)[0] is False


async def test_an_answer_that_took_longer_than_a_session_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """By then another worker may have the order, and what this one was told may be out of date."""
    worker = Worker(set(range(PARTITIONS)) - {PLACE})
    worker.owners.fresh = False
    monkeypatch.setattr(module, "boottime", partial(next, count(1)))
    assert ((await worker.ask()).status, worker.owners.since) == (503, [1])


async def test_a_worker_that_was_asked_by_one_asks_no_other() -> None:
    worker = Worker(set(range(PARTITIONS)) - {PLACE})
    answer = await worker.ask(forwarded=True)
    assert (answer.status, answer.retry_after, worker.peer.asked) == (503, 1, [])


async def test_where_the_owner_is_away_nobody_knows() -> None:
    worker = Worker(set(range(PARTITIONS)) - {PLACE})
    worker.peer.away = True
    assert ((await worker.ask()).status, len(worker.peer.asked)) == (503, 1)
    worker.owners.member = False
    assert ((await worker.ask()).status, len(worker.peer.asked)) == (503, 1)


async def test_what_is_not_committed_in_time_is_not_known_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """This happens if the partition goes to another worker meanwhile."""
    monkeypatch.setattr(module, "WITHIN_S", 0.001)
    worker = Worker({PLACE})
    answer = await worker.ask()
    assert (answer.status, answer.retry_after) == (503, 1)
    assert answer.body["detail"] == "not committed within 0.001 s"
    assert make(worker.changes, PLACE)[0] is False
