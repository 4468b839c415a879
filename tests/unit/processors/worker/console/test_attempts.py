"""Callers with wrong keys wait in turn, and only so many."""

import asyncio

from processors.worker.console.attempts import MOST_WAITING, PAUSE_S, Attempts


class Pauses:
    """Pauses that the test ends."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.ends = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.ends.acquire()


async def _settle() -> None:
    for _ in range(MOST_WAITING * 4):
        await asyncio.sleep(0)


async def test_they_are_answered_one_after_the_other() -> None:
    pauses = Pauses()
    attempts = Attempts(pauses)
    waiting = [asyncio.create_task(attempts.failed()) for _ in range(3)]
    await _settle()
    assert pauses.asked == [PAUSE_S]
    pauses.ends.release()
    await _settle()
    assert (len(pauses.asked), sum(task.done() for task in waiting)) == (2, 1)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not attempts.are_too_many


async def test_only_so_many_wait() -> None:
    pauses = Pauses()
    attempts = Attempts(pauses)
    waiting = [asyncio.create_task(attempts.failed()) for _ in range(MOST_WAITING)]
    await _settle()
    assert attempts.are_too_many
    pauses.ends.release()
    await _settle()
    assert not attempts.are_too_many
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
