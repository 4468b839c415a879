"""What was recorded, once it can be read: Kafka answers a commit before it ends the transaction in each partition."""

import asyncio
from typing import Final

from aiokafka.errors import KafkaTimeoutError

from bridge.refusals import RulesNotRecorded
from bridge.rules.rules import Recorded
from bridge.rules.topic import RulesReader
from bridge.settings import Settings

PATIENCE_S: Final = 30.0
"""As long as a command waits for a Kafka in which nothing can be read."""

_PAUSE_S: Final = 0.1


async def wait_until_readable(settings: Settings, recorded: Recorded) -> None:
    """Return once whoever reads the recorded rules, as services and the next command do, finds these.

    RulesNotRecorded: nobody does yet. KafkaError: Kafka refuses.
    """
    try:
        async with asyncio.timeout(PATIENCE_S), RulesReader(settings) as reader:
            while await _read(reader) != recorded:  # noqa: ASYNC110 - it is Kafka that is waited for
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError:
        raise RulesNotRecorded(
            f"The rules are in {settings.topics.rules}, but nobody can read them there after {PATIENCE_S:g} s: run this"
            " again."
        ) from None


async def _read(reader: RulesReader) -> Recorded | None:
    """What can be read; None, too, where there is no answer for now: that has no less time than the rest."""
    try:
        return await reader.read()
    except KafkaTimeoutError:
        return None
