"""Whether Kafka answers and the topics are as they must be, asked again and again for `/readyz`."""

import asyncio
from typing import Final

from bridge import topics
from bridge.cancellation import raise_if_cancelled
from bridge.settings import Settings

INTERVAL_S: Final = 5.0
AGAIN_S: Final = 1.0
PATIENCE_S: Final = 5.0


class TopicsWatch:
    """Asks every five seconds whether Kafka answers and the topics are as they must be, for `/readyz`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kafka: str | None = "not asked yet"
        self._topics: str | None = "not asked yet"

    def kafka(self) -> str | None:
        """Why Kafka counts as unreachable; None if it answered last time."""
        return self._kafka

    def topics(self) -> str | None:
        """What is wrong with the topics; None if nothing was, last time."""
        return self._topics

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self._ask()
            raise_if_cancelled()
            await asyncio.sleep(AGAIN_S if self._kafka or self._topics else INTERVAL_S)

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                problems = await topics.check(self._settings)
        except Exception as error:  # noqa: BLE001 - the reason goes to /readyz; asked again in a second
            self._kafka = repr(error)
            return
        self._kafka = None
        self._topics = " ".join(problems) or None
