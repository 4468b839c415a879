"""Whether Kafka answers and the topics are as they must be, asked again and again for `/readyz`."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from aiokafka.errors import KafkaConnectionError, NodeNotReadyError

from bridge import topics
from bridge.ending import raise_if_cancelled
from bridge.kafka.client import certificate_expiries
from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.metrics.shared import KafkaMetrics
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.topics import ConfigChange, TopicsPlan

INTERVAL_S: Final = 5.0
AGAIN_S: Final = 1.0
AT_FIRST_S: Final = 2.5
"""For the first broker; if it says nothing in this time, another one is asked."""
PATIENCE_S: Final = 5.0

log = get_logger(__name__)


class TopicsWatch:
    """Asks every five seconds, each second while Kafka is away or data could be lost; keeps the metrics of what it
    finds."""

    def __init__(self, settings: Settings, metrics: KafkaMetrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._kafka: str | None = "not asked yet"
        self._topics: str | None = "not asked yet"
        self._harmless: tuple[ConfigChange, ...] = ()
        self._away_since: float | None = None
        self.cluster_id: str | None = None
        """The id of the Kafka that answered last; None before that, or if it has none."""

    def kafka(self) -> str | None:
        """Why Kafka counts as unreachable; None if it answered last time."""
        return self._kafka

    def topics(self) -> str | None:
        """Which problems of the topics would lose data; None if none did, last time."""
        return self._topics

    def topic_settings(self) -> str | None:
        """Which other topic settings are not as `topics apply` makes them; None if none was, last time."""
        return _sentence(self._harmless) if self._harmless else None

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self._ask()
            raise_if_cancelled()
            await asyncio.sleep(AGAIN_S if self._kafka or self._topics else INTERVAL_S)

    async def _ask(self) -> None:
        self._look_at_certificates()
        try:
            plan = await self._plan()
        except Exception as error:  # noqa: BLE001 - the reason goes to /readyz; asked again in a second
            self._tell(in_words(error, self._settings))
            return
        self._tell(None)
        self._take(plan)

    async def _plan(self) -> TopicsPlan:
        try:
            async with asyncio.timeout(AT_FIRST_S):
                return await topics.plan(self._settings)
        except (TimeoutError, KafkaConnectionError, NodeNotReadyError):
            async with asyncio.timeout(PATIENCE_S):
                return await topics.plan(self._settings)

    def _tell(self, away: str | None) -> None:
        """Note why Kafka is away, or None. The log has a line when an outage begins, and one when it is over."""
        if away and self._away_since is None:
            self._away_since = time.monotonic()
            log.warning("Kafka is away", reason=away)
        elif not away and self._away_since is not None:
            log.info("Kafka is back", away_s=round(time.monotonic() - self._away_since))
            self._away_since = None
        self._kafka = away
        self._metrics.up.set(0 if away else 1)

    def _look_at_certificates(self) -> None:
        expiry = self._metrics.certificate_expiry_timestamp_seconds
        expiry.clear()
        try:
            for setting, ends_at in certificate_expiries(self._settings).items():
                expiry.labels(setting).set(ends_at)
        except SettingsError as error:
            log.warning("nobody can tell when a certificate ends", error=in_words(error, self._settings))

    def _take(self, plan: TopicsPlan) -> None:
        self.cluster_id = plan.cluster_id
        losses = " ".join(plan.losses) or None
        if losses and losses != self._topics:
            log.warning("topics are not as they must be; data would be lost", what=losses)
        self._topics = losses
        if plan.harmless and plan.harmless != self._harmless:
            log.warning("topic settings differ; no data are lost", what=_sentence(plan.harmless))
        self._harmless = plan.harmless
        self._metrics.topic_losses.set(len(plan.losses))
        differing = self._metrics.topic_settings_differing
        differing.clear()
        for change in plan.harmless:
            differing.labels(change.topic, change.name).set(1)


def _sentence(changes: Sequence[ConfigChange]) -> str:
    remedy = "run `bridge topics apply`, or list them in BRIDGE_TOLERATED_TOPIC_SETTINGS"
    return f"{'; '.join(map(str, changes))}: {remedy}"
