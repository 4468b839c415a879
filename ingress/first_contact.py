"""What the ingress asks Kafka before it writes, and keeps asking while it runs."""

import asyncio
from typing import Final

from bridge import topics
from bridge.rules import check_rules
from bridge.settings import Settings
from ingress.cancellation import raise_if_cancelled
from ingress.producer import KafkaProducer

INTERVAL_S: Final = 10.0
AGAIN_S: Final = 1.0
PATIENCE_S: Final = 10.0


class TopicsMissing(Exception):  # noqa: N818 - says what is the case
    """Topics that must exist do not: `bridge topics apply` has not been run, or not under this prefix."""


class FirstContact:
    """Connects producers; nothing is written before the recorded rules were compared with the settings once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._checked = False

    async def connect(self) -> KafkaProducer:
        """A started producer. RulesMismatch: this process must not go on. Other errors: try again."""
        if not self._checked:
            await self._check()
        return await KafkaProducer.connect(self._settings)

    async def _check(self) -> None:
        # Asking a broker with auto-creation for a topic by its name would create it: so missing ones first.
        missing = [spec.name for spec in (await topics.plan(self._settings)).create]
        if missing:
            raise TopicsMissing(f"missing topics: {', '.join(missing)}")
        await check_rules(self._settings)
        self._checked = True


class TopicsWatch:
    """Asks every ten seconds whether Kafka answers and the topics are as they must be, for `/readyz`."""

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
