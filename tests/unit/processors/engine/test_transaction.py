"""Which error a failed transaction is told to have, without Kafka."""

import asyncio

import pytest

from processors.engine.transaction import _all


async def test_of_several_errors_the_one_that_came_first_is_told() -> None:
    """A topic that we may not write to ends the transaction. A record for another topic then finds that it is over."""
    refused, over = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        over.set()
        await refused.wait()
        raise ValueError("the transaction is over")

    async def ask() -> None:
        await over.wait()
        refused.set()
        raise PermissionError("not allowed")

    with pytest.raises(PermissionError):
        await _all(write(), ask())


async def test_all_are_waited_for() -> None:
    done = []

    async def late() -> None:
        await asyncio.sleep(0.01)
        done.append(True)

    async def fails() -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no more to say
        await _all(fails(), late())
    assert done == [True]


async def test_what_is_cancelled_before_it_begins_leaves_no_coroutine_behind() -> None:
    """Python warned on stderr that `_send` was never awaited."""

    async def work() -> None: ...

    waiting = asyncio.create_task(_all(work(), work()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
