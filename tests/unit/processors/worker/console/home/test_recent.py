"""Answers that several people look at are asked for once, and not waited for too long."""

import asyncio

from processors.worker.console.home.recent import KEPT_S, OLDEST_S, Recent
from processors.worker.queries.answer import Answer

ONE, TWO = Answer(200, b"1"), Answer(200, b"2")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """Answers with the next of `answers`, once `let` is set."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.count = 0
        self.let = asyncio.Event()

    async def __call__(self) -> Answer:
        self.count += 1
        await self.let.wait()
        return self.answers.pop(0)


async def test_all_who_ask_within_two_seconds_have_one_answer() -> None:
    clock, asked = Clock(), Asked(ONE, TWO)
    asked.let.set()
    recent = Recent(clock)
    assert await asyncio.gather(*(recent.get("list", asked) for _ in range(5))) == [ONE] * 5
    clock.now = KEPT_S - 0.1
    assert await recent.get("list", asked) == ONE
    assert asked.count == 1
    clock.now = KEPT_S
    assert await recent.get("list", asked) == TWO


async def test_what_takes_too_long_is_the_answer_before() -> None:
    clock, asked = Clock(), Asked(ONE, TWO)
    asked.let.set()
    recent = Recent(clock)
    await recent.get("list", asked)
    asked.let.clear()
    clock.now = KEPT_S
    assert await recent.get("list", asked) == ONE
    asked.let.set()
    assert await recent.get("list", asked) == TWO
    assert asked.count == 2


async def test_what_is_old_is_not_shown_in_place_of_what_takes_too_long() -> None:
    clock, asked = Clock(), Asked(ONE, TWO)
    asked.let.set()
    recent = Recent(clock)
    await recent.get("list", asked)
    asked.let.clear()
    clock.now = OLDEST_S
    assert (await recent.get("list", asked)).status == 503
    await recent.close()


async def test_without_one_before_that_is_said() -> None:
    asked = Asked(ONE)
    recent = Recent()
    answer = await recent.get("list", asked)
    assert answer.status == 503
    await recent.close()
    assert asked.count == 1
