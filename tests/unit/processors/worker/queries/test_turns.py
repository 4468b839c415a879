"""Questions take turns. Between them, and within one, the worker does everything else."""

import asyncio
from collections.abc import Sequence

import pytest

from processors.worker.queries import local as asking
from processors.worker.queries.owners import AwayError
from processors.worker.queries.questions import EXCHANGES, ORDERS, Question, Told
from tests.unit.processors.worker.queries.partitions import PARTITIONS, FakeOwners, Shop, local

ALL = range(PARTITIONS)
OPENED = ("order.opened", {"id": "a"})


@pytest.mark.parametrize("question", [Question(EXCHANGES, 50, values=["r"]), Question(ORDERS, 50)])
@pytest.mark.parametrize(("slice_s", "least", "most"), [(0.0, PARTITIONS, 10 * PARTITIONS), (60.0, 0, 0)])
async def test_something_else_is_done_between_partitions_once_they_have_taken_their_time(
    question: Question, slice_s: float, least: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most partitions take one step, so all together they held the event loop as long as they took. And when each of 64
    waited for a turn of the loop, a list took a loaded worker 0.7 s, and others were refused."""
    rests = 0

    async def rest(_seconds: float) -> None:
        nonlocal rests
        rests += 1

    monkeypatch.setattr("processors.worker.queries.local.asyncio.sleep", rest)
    monkeypatch.setattr(asking, "_SLICE_S", slice_s)
    await local(FakeOwners(Shop(), ALL)).tell(question, ALL)
    assert least <= rests <= most


@pytest.mark.parametrize(
    ("question", "at_once", "other"),
    [
        (Question(ORDERS, 50), asking.LISTS_AT_ONCE, Question(EXCHANGES, 50, values=["r"])),
        (Question(EXCHANGES, 50, values=["r"]), asking.EXCHANGES_AT_ONCE, Question(ORDERS, 50)),
    ],
)
async def test_many_questions_at_once_do_not_keep_a_worker_from_everything_else(
    question: Question, at_once: int, other: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many lists, and exchanges, are looked through at a time. Others wait, but not for ever."""
    monkeypatch.setattr(asking, "PATIENCE_S", 0.001)
    me = local(FakeOwners(Shop().tell(OPENED), ALL))
    going, go_on = list[int](), asyncio.Event()
    told = me._told

    async def slowly(asked: Question, partitions: Sequence[int]) -> Told:
        if asked.what == question.what:
            going.append(len(going))
            await go_on.wait()
        return await told(asked, partitions)

    monkeypatch.setattr(me, "_told", slowly)
    first = [asyncio.create_task(me.tell(question, ALL)) for _ in range(at_once)]
    while len(going) < at_once:
        await asyncio.sleep(0)
    with pytest.raises(AwayError, match="others"):
        await me.tell(question, ALL)
    await me.tell(other, ALL)
    go_on.set()
    await asyncio.gather(*first)
    assert len(going) == at_once
    await me.tell(question, ALL)
