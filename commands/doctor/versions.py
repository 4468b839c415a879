"""Which versions there are: ours, and Kafka's as far as it tells."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError

from bridge.version import version_in_words
from commands.doctor.finding import Finding, ok, unknown, warning
from commands.terminal.wire import FeaturesRequest

_FEATURE: Final = "metadata.version"
_RELEASES: Final = {25: "4.0", 27: "4.1", 29: "4.2", 30: "4.3", 33: "4.4"}
"""Newest level of the feature -> the Kafka release that has it, by `MetadataVersion.LATEST_PRODUCTION` of each."""
_OLDEST: Final = "4.0"
_DEFECT: Final = {30: "4.3.0 or later", 31: "4.4.0", 32: "4.4.0", 33: "4.4.0 or later"}


def ours() -> Finding:
    """Of this installation."""
    client = version("aiokafka")
    return ok("versions", f"bridge {version_in_words()}, Python {platform.python_version()}, aiokafka {client}")


async def kafkas(broker: str, connection: AIOKafkaConnection) -> Finding:
    """Of one broker: Kafka has no request for its version, but what its software can do tells the release."""
    try:
        answer = await connection.send(FeaturesRequest())
    except (KafkaError, NotImplementedError, TimeoutError):
        return unknown("versions", f"{broker} does not tell what it can do")
    return kafka_version(broker, answer.features)


def kafka_version(broker: str, features: Mapping[str, int]) -> Finding:
    """What is to be said of a broker with these features, newest level by name."""
    level = features.get(_FEATURE)
    if level is None:
        return unknown("versions", f"{broker} does not tell which Kafka it is")
    if level in _DEFECT:
        return warning("versions", f"{broker} is Kafka {_DEFECT[level]}: {_WHAT}", *_REMEDIES)
    return ok("versions", f"{broker} is Kafka {_release(level)}")


_WHAT: Final = (
    "4.3.0 to 4.4.0 have KAFKA-20734, and may hide committed records, or let them pass twice, where a partition loses"
    " all its replicas at once"
)
_REMEDIES: Final = (
    "run 4.2.2, or a release after 4.4.0 that has the fix; until then three replicas, and no restart of all at once",
)


def _release(level: int) -> str:
    if level in _RELEASES:
        return _RELEASES[level]
    return f"before {_OLDEST}" if level < min(_RELEASES) else f"a release after {max(_RELEASES.values())}"
