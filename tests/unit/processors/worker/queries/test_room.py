"""Large answers wait for room before they are made, and hold nothing meanwhile."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from processors.orders.table import row_key
from processors.worker.queries import room
from processors.worker.queries.owners import AwayError
from processors.worker.queries.room import SMALL_BYTES, Room
from tests.unit.processors.orders.facts import items
from tests.unit.processors.worker.queries.network import CALLER, ME, alone
from tests.unit.processors.worker.queries.partitions import Shop
from tests.unit.processors.worker.queries.test_local import opened
from tests.unit.processors.worker.queries.test_peers import CALLER as CALLER_OF_PEERS
from tests.unit.processors.worker.queries.test_peers import answering

LARGE = SMALL_BYTES + 1


async def entered(rooms: Room, *sizes: int) -> list[int]:
    """The sizes that get room while none leaves, in order."""
    came = list[int]()

    async def enter(size: int) -> None:
        async with rooms.of(size):
            came.append(size)
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(enter(size)) for size in sizes]
    for _ in range(5):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return came


async def test_together_they_have_so_many_bytes() -> None:
    rooms = Room(3 * LARGE)
    assert await entered(rooms, *[LARGE] * 5) == [LARGE] * 3
    assert await entered(rooms, *[LARGE] * 5) == [LARGE] * 3, "what was cancelled has given its room back"


async def test_what_is_larger_comes_in_alone() -> None:
    rooms = Room(3 * LARGE)
    assert await entered(rooms, 9 * LARGE, LARGE) == [9 * LARGE]
    assert await entered(rooms, LARGE, 9 * LARGE) == [LARGE]


async def test_what_is_small_waits_for_nobody() -> None:
    assert await entered(Room(LARGE), LARGE, SMALL_BYTES, SMALL_BYTES, LARGE) == [LARGE, SMALL_BYTES, SMALL_BYTES]


async def test_who_waits_comes_in_once_others_go_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = Room(LARGE)
    async with AsyncExitStack() as first:
        await first.enter_async_context(rooms.of(LARGE))
        waiting = asyncio.create_task(entered(rooms, LARGE))
        await asyncio.sleep(0)
    assert await waiting == [LARGE]
    monkeypatch.setattr(room, "PATIENCE_S", 0.001)
    async with rooms.of(LARGE):
        with pytest.raises(AwayError):
            async with rooms.of(LARGE):
                pass


async def test_of_large_orders_no_more_answers_are_made_at_a_time_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each answer waits a second for other workers, and holds a hundred megabytes for the largest order."""
    many = items(*(f"item-{number}" for number in range(120)))
    network = alone(Shop().tell(*(("order.opened", {"id": f"o-{n}", "items": many}) for n in range(9))))
    me = network.queries[ME]
    row = max(len(table.rows.get(row_key(b"o-1")) or b"") for table in network.shop.tables)
    assert row > SMALL_BYTES
    monkeypatch.setattr(me, "_rows", Room(3 * row))
    making, most, go_on = 0, 0, asyncio.Event()
    state = me._one_order.state

    async def slowly(*asked: object) -> bytes:
        nonlocal making, most
        making += 1
        most = max(most, making)
        await go_on.wait()
        making -= 1
        return await state(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(me._one_order, "state", slowly)
    looks = [asyncio.create_task(me.order(f"o-{n}", CALLER)) for n in range(9)]
    while making < 3:
        await asyncio.sleep(0)
    go_on.set()
    assert [(await look).status for look in looks] == [200] * 9
    assert most == 3


async def test_who_has_waited_may_find_the_order_gone_to_another_worker() -> None:
    network = alone(Shop().tell(opened("o-1", items=items(*(f"item-{number}" for number in range(120))))))
    me, owners = network.queries[ME], network.owners[ME]
    async with me._rows.of(1 << 30):
        look = asyncio.create_task(me.order("o-1", CALLER))
        await asyncio.sleep(0)
        owners.mine.clear()
    assert ((await look).status, (await look).body["detail"]) == (503, "partition 2 is away")


async def test_of_other_workers_no_more_is_read_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE_S", 0.001)
    for size, refused in ((SMALL_BYTES, False), (LARGE, True)):
        async with answering(web.Response(body=b"x" * size)) as (peers, worker), peers._room.of(1 << 30):
            try:
                assert (await peers.ask(worker, "/orders/a/erase", CALLER_OF_PEERS, b"")).content == b"x" * size
            except AwayError:
                assert refused
            else:
                assert not refused
