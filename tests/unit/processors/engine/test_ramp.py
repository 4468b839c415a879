"""Starting a few at a time."""

import asyncio

from processors.engine.ramp import Ramp


async def test_only_so_many_are_in_at_once() -> None:
    ramp, now, most = Ramp(2, patience=60), 0, 0

    async def work() -> None:
        nonlocal now, most
        async with ramp.entered():
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(work() for _ in range(10)))
    assert most == 2


async def test_who_takes_too_long_keeps_nobody_out_and_gives_its_place_back_once() -> None:
    ramp, ends = Ramp(1, patience=0.01), asyncio.Event()

    async def wait() -> None:
        async with ramp.entered():
            await ends.wait()

    waiting = [asyncio.create_task(wait()) for _ in range(3)]
    async with asyncio.timeout(10), ramp.entered():
        ends.set()
        await asyncio.gather(*waiting)
    assert ramp._places._value == 1
