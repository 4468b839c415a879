"""Errors of Kafka and the network in words, if `bridge.kafka.words` has none."""

import re
from typing import Final

from aiokafka.errors import CorruptRecordException

from bridge.kafka import words
from bridge.settings import Settings
from commands.terminal.remedies import OF_DAMAGE
from processors.engine.overrides.producer import NoOutcomeError

_PARTITION: Final = re.compile(r"TopicPartition\(topic='([^']+)', partition=(\d+)\)")
"""How Python, and so aiokafka's errors and logs, write a partition."""


def in_words(error: BaseException, settings: Settings) -> str:
    """A sentence without its full stop. A remedy, if any, follows the last colon."""
    if isinstance(error, NoOutcomeError):
        return "An answer of Kafka's was lost, so whether its transaction is stored is not known: run this again"
    damaged, topics = of_damage(error), settings.topics
    if damaged is None:
        return plain(words.in_words(error, settings))
    verified = (topics.raw, *topics.outputs)
    names = "; `bridge verify` names the offsets" if any(f" {topic}/" in damaged for topic in verified) else ""
    return f"A{damaged[1:]}: {OF_DAMAGE}{names}"


def of_damage(error: BaseException) -> str | None:
    """That a batch is damaged, without a remedy; None: another error. The error does not tell the offsets."""
    found = _PARTITION.search(str(error)) if isinstance(error, CorruptRecordException) else None
    if found is None:
        return None
    return f"a batch of {found[1]}/{found[2]} cannot be read, for the broker that leads it gives it out damaged"


def plain(said: str) -> str:
    """The text with partitions written as `topic/0`."""
    return _PARTITION.sub(r"\1/\2", said)
