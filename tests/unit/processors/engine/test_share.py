"""All lanes' units together hold bounded bytes."""

import asyncio

from processors.engine.share import Share


async def test_there_is_room_until_it_is_exceeded_and_again_once_a_share_is_given_back() -> None:
    share = Share(10)
    await share.room()
    give_back = share.take(9)
    await share.room()
    share.take(5)
    waiting = [asyncio.create_task(share.room()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    give_back()
    await asyncio.gather(*waiting)


async def test_those_who_wait_get_room_in_the_order_in_which_they_came() -> None:
    share, order = Share(1), list[int]()

    async def use(number: int) -> None:
        await share.room()
        order.append(number)
        give_back = share.take(1)
        await asyncio.sleep(0)
        give_back()

    await asyncio.gather(*(use(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_one_that_is_cancelled_while_it_waits_keeps_nobody_waiting() -> None:
    share = Share(1)
    give_back = share.take(1)
    first, second = asyncio.create_task(share.room()), asyncio.create_task(share.room())
    await asyncio.sleep(0)
    first.cancel()
    give_back()
    await second
