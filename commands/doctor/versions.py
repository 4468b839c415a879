"""Which versions there are: ours, and Kafka's as far as it tells."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError

from bridge.version import version_in_words
from commands.doctor.finding import Finding, ok, unknown, warning, wrong
from commands.terminal.wire import FeaturesRequest
from processors.engine.overrides.metadata import OLDEST_KAFKA

_FEATURE: Final = "metadata.version"
_RELEASES: Final = {25: "4.0", 27: "4.1", 29: "4.2", 30: "4.3", 33: "4.4"}
"""Newest level of the feature -> the Kafka release that has it, by `MetadataVersion.LATEST_PRODUCTION` of each."""
_OLDEST, _NEWEST = _RELEASES[min(_RELEASES)], _RELEASES[max(_RELEASES)]
ENGINES: Final = {"Metadata": (3, 12), "ListOffsets": (2, 5), "IncrementalAlterConfigs": (44, 0)}
"""Requests that the bridge has in one version: API key and version."""
_VERIFYING: Final = (24, 4)
"""Of AddPartitionsToTxn, in which leaders ask whether a transaction is open before they take its records (KIP-890): 3.6
has it, also with ZooKeeper, where no level tells."""
_OF_AGE: Final = f"Kafka {OLDEST_KAFKA} or newer is needed"
_DEFECT: Final = {30: "4.3.0 or later", 31: "4.4.0", 32: "4.4.0", 33: "4.4.0 or later"}


def ours() -> Finding:
    """Of this installation."""
    client = version("aiokafka")
    return ok("versions", f"bridge {version_in_words()}, Python {platform.python_version()}, aiokafka {client}")


async def kafkas(broker: str, connection: AIOKafkaConnection) -> Finding:
    """Of one broker: Kafka has no request for its version, but what its software can do tells the release."""
    try:
        answer = await connection.send(FeaturesRequest())
    except NotImplementedError:  # asked in no version that it has: that one came with 2.4
        what = f"{broker} has no ApiVersions of version 3, so it is a Kafka before 2.4"
        return wrong("versions", what, _OF_AGE)
    except (KafkaError, TimeoutError):
        return unknown("versions", f"{broker} does not tell what it can do")
    spoken = {key: range(oldest, newest + 1) for key, oldest, newest, *_ in answer.api_versions}
    return kafka_version(broker, answer.features, spoken)


def kafka_version(broker: str, features: Mapping[str, int], spoken: Mapping[int, range]) -> Finding:
    """What is to be said of a broker with these features, newest level by name, that speaks these versions of requests,
    by their API keys."""
    for name, (key, needed) in ENGINES.items():
        versions = spoken.get(key, range(0))
        if needed not in versions:
            what = f"{broker} has no {name} of version {needed}, which the bridge sends"
            too_old = needed >= versions.stop
            remedy = _OF_AGE if too_old else "it is too new: run an older one"
            return wrong("versions", what, remedy)
    key, needed = _VERIFYING
    if needed not in spoken.get(key, ()):
        return warning("versions", f"{broker} is a Kafka before 3.6: {_HANGS}", "run 3.6 or newer")
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
_HANGS: Final = (
    "a produce request that comes late may open a transaction that nobody ends, and readers of committed records stand"
    " still behind it"
)
_REMEDIES: Final = (
    "run 4.2.2, or a release after 4.4.0 that has the fix; until then three replicas, and no restart of all at once",
)


def _release(level: int) -> str:
    if level < min(_RELEASES):
        return f"before {_OLDEST}"
    return next((release for newest, release in _RELEASES.items() if level <= newest), f"a release after {_NEWEST}")
