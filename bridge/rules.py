"""The rules that a deployment was set up with: partition count and rules version, in `{prefix}.rules.v1`.

Both decide where a key's history lies and what counts as the same event. They are written once, by the first
`bridge topics apply`; every service compares them with its own before it touches anything.
"""

from dataclasses import asdict, dataclass
from typing import Final

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from bridge.kafka import client_options
from bridge.settings import Settings
from bridge.topics import TopicsRefused

_KEY: Final = b"rules"


@dataclass(frozen=True, slots=True)
class Rules:
    """What must never differ between the runs of one deployment."""

    partitions: int
    rules_version: str


class RulesMismatch(Exception):  # noqa: N818 - says what is the case
    """The settings differ from what the deployment was set up with. The message is a sentence for people."""


class RulesNotRecorded(Exception):  # noqa: N818 - says what is the case
    """Nobody has run `bridge topics apply` for this prefix yet."""


def rules_of(settings: Settings) -> Rules:
    """The rules that these settings ask for."""
    return Rules(settings.partitions, settings.key_table.rules_version)


def compare(recorded: Rules, wanted: Rules) -> None:
    """Raise RulesMismatch unless both are equal."""
    differing = []
    if recorded.partitions != wanted.partitions:
        differing.append(f"BRIDGE_PARTITIONS={recorded.partitions}, not {wanted.partitions}")
    if recorded.rules_version != wanted.rules_version:
        differing.append(f"the key rules {recorded.rules_version}, not {wanted.rules_version}")
    if differing:
        raise RulesMismatch(
            f"The deployment was set up with {' and '.join(differing)}: go back to that, or use another"
            " BRIDGE_TOPIC_PREFIX. Changing it means migrating the data, which this version cannot do."
        )


async def check_rules(settings: Settings) -> None:
    """Compare the settings with the recorded rules.

    RulesMismatch: a service exits 2. RulesNotRecorded: not set up yet, a service is not ready and asks again.
    KafkaError: the same, without an answer. The rules topic must exist (`bridge.topics.check`): asking about
    a topic by its name makes a broker with auto-creation create it.
    """
    recorded = await read_rules(settings)
    if recorded is None:
        raise RulesNotRecorded("The rules are not recorded yet: run `bridge topics apply`.")
    compare(recorded, rules_of(settings))


async def read_rules(settings: Settings) -> Rules | None:
    """The recorded rules; None: nothing is recorded in the (existing) rules topic."""
    partition = TopicPartition(settings.topics.rules, 0)
    consumer = AIOKafkaConsumer(isolation_level="read_committed", enable_auto_commit=False, **client_options(settings))
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        recorded = None
        # The position, not the last record: behind the last record lies a transaction marker.
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(timeout_ms=500)).get(partition, ()):
                if record.key == _KEY:
                    recorded = _read(record.value)
        return recorded
    finally:
        await consumer.stop()


async def record_rules(settings: Settings) -> Rules:
    """Write the rules unless some are recorded, and return those that are recorded then.

    Two that do this at the same time cannot both write: starting a transactional producer fences an earlier
    one of the same id, so what was read after the start cannot change before the commit. TopicsRefused:
    another one came later and goes on. KafkaError: the broker cannot be asked.
    """
    producer = AIOKafkaProducer(transactional_id=f"{settings.topic_prefix}.bridge.rules", **client_options(settings))
    await producer.start()
    try:
        recorded = await read_rules(settings)
        if recorded is None:
            recorded = rules_of(settings)
            async with producer.transaction():
                value = orjson.dumps(asdict(recorded))
                await producer.send_and_wait(settings.topics.rules, value, key=_KEY, partition=0)
    except ProducerFenced:
        raise TopicsRefused("Another `bridge topics apply` is at work: run this one again.") from None
    finally:
        await producer.stop()
    return recorded


def _read(value: bytes) -> Rules:
    document = orjson.loads(value)
    return Rules(document["partitions"], document["rules_version"])
