"""Whether the recorded rules are still those of this service, asked every second.

A migration waits longer than `LEASE_S` after it was announced, then makes sure that no worker is in the group. An
ingress is in none: one that gets no answer for that long must take it that a migration has begun, and write nothing.
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
"""For the reason of a silence. With it two tries that fail fit into the lease."""

log = get_logger(__name__)


class RulesWatch:
    """`problem` tells whether to go on. `now` gives moments that go on while the process is frozen, and the system."""

    def __init__(self, settings: Settings, now: Callable[[], Moment] = Moment.now) -> None:
        self._settings, self.now = settings, now
        self._begun = asyncio.Event()
        self._confirmed_at = now()
        self.refusal: str | None = None
        """What the recorded rules have against this service, as far as known."""
        self.recorded: Recorded | None = None
        """The rules as they were when they had nothing against it last."""

    def problem(self) -> str | None:
        """Why nothing may be written; None if it may."""
        if not self._begun.is_set():
            return "not compared with the recorded rules yet"
        if self.refusal is None and self.now().seconds_since(self._confirmed_at) > LEASE_S:
            return f"the recorded rules could not be read for {LEASE_S:g} s"
        return self.refusal

    def confirm(self, recorded: Recorded, asked_at: Moment) -> None:
        """The rules were found to be those of this service; the question was put at this moment."""
        self._confirmed_at, self.recorded, self.refusal = asked_at, recorded, None
        self._begun.set()

    async def run(self) -> None:
        """Ask again and again until cancelled, once the rules were confirmed. RulesMismatch: do not go on at all."""
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
                reason = await self._reason(error)
                log.warning("the recorded rules cannot be read", error=in_words(reason, self._settings))
            raise_if_cancelled()
            await asyncio.sleep(INTERVAL_S)

    async def _reason(self, error: Exception) -> Exception:
        """aiokafka asks for a topic that is missing, or not shown to us, until our patience ends."""
        if isinstance(error, TimeoutError | KafkaTimeoutError):
            try:
                async with asyncio.timeout(LOOK_S):
                    await _look_for_topics(self._settings)
            except (TopicsMissing, TopicsRefused) as found:
                return found
            except Exception:  # noqa: BLE001 - it is silent for all
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
    """TopicsMissing, TopicsRefused: aiokafka would ask for them without an answer, as if no broker gave one."""
    missing = [spec.name for spec in (await topics.plan(settings)).create]
    raise_if_cancelled()
    if missing:
        raise TopicsMissing(f"missing topics: {', '.join(missing)}")
