"""Requests to a Kafka that somebody else runs: to let us in, and to delete the topics of a run."""

import asyncio
from collections import defaultdict
from typing import Final

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError, for_code
from pydantic import ValidationError

from bridge.kafka.admin import admin_client
from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.kafka.words import in_words
from bridge.refusals import Refusal, SettingsError
from bridge.settings import Settings
from bridge.settings.refused import problems
from deploy.local.environment import BrokenEnvironment

_PAUSE_S: Final = 0.2


def way_to_kafka() -> Settings:
    """Return the environment's settings, with any tenant, to reach Kafka. BrokenEnvironment: they are not valid."""
    try:
        return Settings(tenant="any")
    except ValidationError as error:
        raise BrokenEnvironment(problems(error)[0]) from None
    except SettingsError as error:
        raise BrokenEnvironment(str(error)) from None


async def wait_until_it_lets_us_in(settings: Settings, seconds: float) -> None:
    """Return once a broker lets us in. BrokenEnvironment: it refuses, or none answers within `seconds`."""
    mend_aiokafka()
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    while True:
        try:
            async with admin_client(settings):
                return
        except (KafkaError, Refusal) as error:
            if clock() > deadline or not getattr(error, "retriable", False):
                raise BrokenEnvironment(in_words(error, settings)) from None
        await asyncio.sleep(_PAUSE_S)


async def delete_topics(settings: Settings, names: list[str]) -> list[str]:
    """Delete the topics that exist. Return a sentence for each reason why topics stay."""
    try:
        async with admin_client(settings) as admin:
            answer = await admin.delete_topics(names)
    except KafkaError as error:
        return [f"It is not known which of these topics stay: {', '.join(names)}. {in_words(error, settings)}."]
    stay = defaultdict[int, list[str]](list)
    for name, code in sorted(answer.topic_error_codes):  # aiokafka does not raise them
        if code not in {0, UnknownTopicOrPartitionError.errno}:
            stay[code].append(name)
    return [
        f"Kafka says {for_code(code).message} (error {code}), so these topics stay: {', '.join(topics)}."
        for code, topics in stay.items()
    ]
