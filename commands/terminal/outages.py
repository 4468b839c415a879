"""What a command says when Kafka goes away while it runs: otherwise that would look like a quiet hour."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

from bridge.printable import say
from bridge.settings import Settings
from commands.terminal.first_contact import DOCTOR, Contact, answers, beside

LOOK_EVERY_S: Final = 5.0


def telling_outages(settings: Settings, contact: Contact) -> AbstractAsyncContextManager[None]:
    """Say on stderr when no broker answers any more, and when one does again. Before the first `contact` others
    report."""
    return beside(_watch(settings, contact))


async def _watch(settings: Settings, contact: Contact) -> None:
    whom, is_away = ", ".join(settings.kafka_bootstrap_servers), False
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        is_there = not contact.answers or await answers(settings)
        if not is_there and not is_away:
            say(f"no answer from {whom} any more; still waiting{DOCTOR}")
        elif is_there and is_away:
            say(f"{whom} answers again")
        is_away = not is_there
