"""What a command that follows a topic says of an outage: no record comes then either, as in a quiet hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bridge.printable import say
from bridge.settings import Settings
from commands.terminal.first_contact import DOCTOR, answers

LOOK_EVERY_S: Final = 5.0


@asynccontextmanager
async def telling_outages(settings: Settings) -> AsyncIterator[None]:
    """Says on stderr when no broker answers any more, and when one does again."""
    watching = asyncio.create_task(_watch(settings))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def _watch(settings: Settings) -> None:
    whom, is_away = ", ".join(settings.kafka_bootstrap_servers), False
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        is_there = await answers(settings)
        if not is_there and not is_away:
            say(f"no answer from {whom} any more; still waiting{DOCTOR}")
        elif is_there and is_away:
            say(f"{whom} answers again")
        is_away = not is_there
