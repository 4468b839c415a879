"""Asks every second whether the recorded rules are still those of this service.

Once announced, a migration waits for longer than `LEASE_S`, then makes sure that no worker is in the group. An ingress
is in no group: without an answer for that long, it must assume that a migration has begun, and write nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

from aiokafka.errors import KafkaTimeoutError

from bridge import topics
from bridge.boottime import Moment
from bridge.ending import raise_if_cancelled
from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.refusals import Migrating, RulesMismatch, TopicsMissing, TopicsRefused
from bridge.rules.rules import Recorded, compare, rules_of
from bridge.rules.topic import RulesReader, check_rules
from bridge.settings import Settings

LEASE_S: Final = 15.0
INTERVAL_S: Final = 1.0
PATIENCE_S: Final = 5.0
LOOK_S: Final = 2.0
"""Time to find the reason of a silence. Even with it, two failed tries fit into the lease."""

log = get_logger(__name__)


class RulesWatch:
    """`objection` tells whether to go on. `now` must go on while the process, or the system, is frozen."""

    def __init__(self, settings: Settings, now: Callable[[], Moment] = Moment.now) -> None:
        self._settings, self.now = settings, now
        self._begun = asyncio.Event()
        self._confirmed_at = now()
        self.refusal: str | None = None
        """What the recorded rules object to in this service, as far as known."""
        self.unread: str | None = None
        """Why the rules could not be read last time, in words; None if they could."""
        self.recorded: Recorded | None = None
        """The rules as they were when they last fitted this service."""

    def problem(self) -> str | None:
        """The objection as the log and readiness tell it, with what kept the rules from being read."""
        objection, why = self.objection(), None if self.refusal else self.unread
        return f"{objection}: {why}" if objection and why else objection

    def objection(self) -> str | None:
        """Why nothing may be written; None if it may."""
        if not self._begun.is_set():
            return "not compared with the recorded rules yet"
        if self.refusal is None and self.now().seconds_since(self._confirmed_at) > LEASE_S:
            return f"the recorded rules could not be read for {LEASE_S:g} s"
        return self.refusal

    def confirm(self, recorded: Recorded, asked_at: Moment) -> None:
        """The rules were found to fit this service; they were asked for at `asked_at`."""
        self._confirmed_at, self.recorded, self.refusal, self.unread = asked_at, recorded, None, None
        self._begun.set()

    async def run(self) -> None:
        """Once the rules were confirmed, ask again and again until cancelled. RulesMismatch: do not go on at all."""
        await self._begun.wait()
        while True:
            try:
                async with AsyncExitStack() as opened:
                    async with asyncio.timeout(PATIENCE_S):
                        reader = await opened.enter_async_context(RulesReader(self._settings))
                    await self._follow(reader)
            except RulesMismatch as error:
                self.refusal = str(error)
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the lease runs out
                self.unread = in_words(await self._reason(error), self._settings)
                log.warning("the recorded rules cannot be read", error=self.unread)
            raise_if_cancelled()
            await asyncio.sleep(INTERVAL_S)

    async def _reason(self, error: Exception) -> Exception:
        """A better reason than `error`, if any: of a missing or hidden topic, aiokafka asks until our patience ends."""
        if isinstance(error, TimeoutError | KafkaTimeoutError):
            try:
                async with asyncio.timeout(LOOK_S):
                    await _look_for_topics(self._settings)
            except (TopicsMissing, TopicsRefused) as found:
                return found
            except Exception:  # noqa: BLE001 - Kafka is silent about the topics, too
                return error
        return error

    async def _follow(self, reader: RulesReader) -> None:
        while True:
            asked_at = self.now()
            async with asyncio.timeout(PATIENCE_S):
                found = await reader.read()
            try:
                recorded = compare(found, rules_of(self._settings))
            except Migrating as error:
                self.refusal = str(error)
            else:
                self.confirm(recorded, asked_at)
            raise_if_cancelled()
            await asyncio.sleep(INTERVAL_S)


async def first_contact(settings: Settings) -> Recorded:
    """Return the recorded rules once it is certain that this service belongs to this deployment.

    RulesMismatch: it must not go on. Any other error: not set up yet, or no answer; ask again.
    """
    await _look_for_topics(settings)
    recorded = await check_rules(settings)
    raise_if_cancelled()
    return recorded


async def _look_for_topics(settings: Settings) -> None:
    """TopicsMissing: topics do not exist. TopicsRefused: Kafka refuses to tell. A reader of the rules would only get no
    answer, as if no broker gave one."""
    missing = [spec.name for spec in (await topics.plan(settings)).create]
    raise_if_cancelled()
    if missing:
        raise TopicsMissing(f"missing topics: {', '.join(missing)}")
