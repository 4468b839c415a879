"""Waiting until recorded rules can be read: Kafka answers a commit before it ends the transaction in each partition."""

import asyncio
from typing import Final

from aiokafka.errors import KafkaTimeoutError

from bridge.refusals import RulesNotRecorded
from bridge.rules.rules import Recorded
from bridge.rules.topic import RulesReader
from bridge.settings import Settings

PATIENCE_S: Final = 30.0
"""How long a command waits while nothing can be read."""

_PAUSE_S: Final = 0.1


async def wait_until_readable(settings: Settings, recorded: Recorded) -> None:
    """Return once these rules are what readers of the recorded rules find, such as services and the next command.

    RulesNotRecorded: they cannot be read in time. KafkaError: Kafka refuses.
    """
    try:
        async with asyncio.timeout(PATIENCE_S), RulesReader(settings) as reader:
            while await _read(reader) != recorded:  # noqa: ASYNC110 - waits for Kafka
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError:
        raise RulesNotRecorded(
            f"The rules are in {settings.topics.rules}, but nobody can read them there after {PATIENCE_S:g} s: run this"
            " again."
        ) from None


async def _read(reader: RulesReader) -> Recorded | None:
    """The rules that can be read; None, too, if there is no answer for now: `PATIENCE_S` bounds this as well."""
    try:
        return await reader.read()
    except KafkaTimeoutError:
        return None
