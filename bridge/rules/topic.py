"""The recorded rules in `{prefix}.rules.v1`: every service reads them, a producer with `rules_id` writes them.

The rules topic must exist (`bridge.topics.plan`): if it is missing, aiokafka says only that nobody answers.
"""

from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from bridge.kafka.client import client_options
from bridge.kafka.transactional_ids import rules_id
from bridge.refusals import TopicsRefused
from bridge.rules.record import decode, encode, names_rules
from bridge.rules.rules import Recorded, compare, rules_of
from bridge.settings import Settings
from schemas.keytable import KeyTable

_KEY: Final = b"rules"


async def check_rules(settings: Settings) -> Recorded:
    """What is recorded, if it fits the settings: see `compare` for what is raised if not. KafkaError: no answer."""
    return compare(await read_rules(settings), rules_of(settings))


async def read_rules(settings: Settings) -> Recorded | None:
    """What is recorded; None: nothing is. The rules topic must exist."""
    async with RulesReader(settings) as reader:
        return await reader.read()


class RulesReader:
    """A consumer of the rules topic: reads from its start, and later what has come since."""

    def __init__(self, settings: Settings) -> None:
        self._partition = TopicPartition(settings.topics.rules, 0)
        self._consumer = AIOKafkaConsumer(
            isolation_level="read_committed",
            enable_auto_commit=False,
            request_timeout_ms=10_000,
            **client_options(settings),
        )
        self._known = (settings.key_table, KeyTable.shipped_before())
        self._values: list[Any] = []
        """The value of the last record, if there is one."""
        self._last: Recorded | None = None
        self.names_rules = False
        """Whether the record read last has this revision's form."""

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
            self._consumer.assign([self._partition])
            await self._consumer.seek_to_beginning(self._partition)
        except BaseException:
            await self._consumer.stop()  # a consumer that could not start holds connections, too
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def read(self) -> Recorded | None:
        """What is recorded now; earlier records do not count, readable or not. RulesUnreadable: see `decode`.
        KafkaError: no answer."""
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        # The position, not the last record: behind the last record lies a transaction marker.
        while await self._consumer.position(self._partition) < end:
            found = (await self._consumer.getmany(timeout_ms=500)).get(self._partition, ())
            self._values = [*self._values, *(record.value for record in found if record.key == _KEY)][-1:]
        for value in self._values:  # again each time, so that an unreadable one is refused each time
            self._last, self.names_rules = decode(value, self._known), names_rules(value)
        return self._last


async def write_rules(producer: AIOKafkaProducer, settings: Settings, recorded: Recorded) -> None:
    """Send the record, in the running transaction of a producer with `rules_id`."""
    await producer.send_and_wait(settings.topics.rules, encode(recorded), key=_KEY, partition=0)


async def record_rules(settings: Settings) -> Recorded:
    """Write the rules of the settings unless some are recorded; return what is recorded then. Rules that an earlier
    revision recorded by fingerprint are written again by name, if their table is known.

    Two that do this at the same time cannot both write. TopicsRefused: another one came later and goes on. KafkaError:
    the broker cannot be asked.
    """
    producer = AIOKafkaProducer(
        transactional_id=rules_id(settings),
        transaction_timeout_ms=settings.transaction_timeout // timedelta(milliseconds=1),
        **client_options(settings),
    )
    try:
        await producer.start()
        async with RulesReader(settings) as reader:
            recorded = await reader.read() or Recorded.first(rules_of(settings))
        if not reader.names_rules and recorded.rules.keys is not None:
            async with producer.transaction():
                await write_rules(producer, settings, recorded)
    except ProducerFenced:
        raise TopicsRefused("Another `bridge topics apply` is at work: run this one again.") from None
    finally:
        await producer.stop()
    return recorded
