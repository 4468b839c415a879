"""What a command says while it waits for a first answer: to whom it connects, and after a while that nothing comes."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka.conn import AIOKafkaConnection, collect_hosts

from bridge.kafka.client import client_options
from bridge.printable import say
from bridge.refusals import Refusal
from bridge.settings import Settings

AT_ONCE_S: Final = 0.3
"""What takes no longer needs no word."""
PATIENCE_S: Final = 3.0


@asynccontextmanager
async def waiting_for(whom: str) -> AsyncIterator[asyncio.Event]:
    """Says so on stderr until the event is set, or the block ends: at a terminal that it connects, and anywhere that
    nothing has come for `PATIENCE_S`. It ends nothing: how long to wait is the block's own matter."""
    heard = asyncio.Event()
    telling = asyncio.create_task(_tell(whom, heard))
    try:
        yield heard
    finally:
        telling.cancel()
        await asyncio.wait({telling})


@asynccontextmanager
async def waiting_for_kafka(settings: Settings) -> AsyncIterator[None]:
    """The same for whatever the block asks of Kafka: connections of its own find out whether anybody answers."""
    async with waiting_for(", ".join(settings.kafka_bootstrap_servers)) as heard:
        asking = asyncio.create_task(_touch(settings, heard))
        try:
            yield
        finally:
            asking.cancel()
            await asyncio.wait({asking})


async def _touch(settings: Settings, heard: asyncio.Event) -> None:
    """Until somebody answers, or refuses: the block gets the same, and tells it."""
    try:
        connections = _connections(settings)
    except Refusal:
        heard.set()
        return
    connecting = [asyncio.create_task(each.connect()) for each in connections]
    try:
        await asyncio.wait(connecting, return_when=asyncio.FIRST_COMPLETED)
        heard.set()
    finally:
        for task in connecting:
            task.cancel()
        # Now: whoever waits for this may give it up, too. One that was given up closes itself.
        closing = [each.close() for each in connections if each.connected()]
        await asyncio.gather(*connecting, *closing, return_exceptions=True)


def _connections(settings: Settings) -> list[AIOKafkaConnection]:
    """One to each of the addresses in the settings: unlike a client, each leaves nothing open that is given up."""
    options = client_options(settings)
    addresses = collect_hosts(options.pop("bootstrap_servers"), False)
    return [AIOKafkaConnection(host, port, **options) for host, port, _ in addresses]


async def _tell(whom: str, heard: asyncio.Event) -> None:
    if await _comes_within(AT_ONCE_S, heard):
        return
    if sys.stderr.isatty():  # noqa: TID251 - it is asked, not written to
        say(f"connecting to {whom} …")
    if not await _comes_within(PATIENCE_S - AT_ONCE_S, heard):
        say(f"no answer from {whom} within {PATIENCE_S:g} s; still waiting")


async def _comes_within(seconds: float, heard: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await heard.wait()
    except TimeoutError:
        return False
