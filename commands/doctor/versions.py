"""Our versions, and Kafka's, as far as brokers tell."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError

from bridge.version import version_in_words
from commands.doctor.finding import Finding, ok, unknown, warning, wrong
from processors.engine.overrides.features import FeaturesRequest
from processors.engine.overrides.metadata import OLDEST_KAFKA

_FEATURE: Final = "metadata.version"
_RELEASES: Final = {25: "4.0", 27: "4.1", 29: "4.2", 30: "4.3", 33: "4.4"}
"""Newest level of the feature -> Kafka release, from each release's `MetadataVersion.LATEST_PRODUCTION`."""
_OLDEST, _NEWEST = _RELEASES[min(_RELEASES)], _RELEASES[max(_RELEASES)]
ENGINES: Final = {"Metadata": (3, 12), "ListOffsets": (2, 5), "IncrementalAlterConfigs": (44, 0)}
"""Requests that the bridge sends in only one version: API key and version."""
_VERIFYING: Final = (24, 4)
"""AddPartitionsToTxn, by which leaders check that a transaction is open before they take its records (KIP-890). Kafka
has it from 3.6 on, also with ZooKeeper, which has no feature level."""
_OF_AGE: Final = f"Kafka {OLDEST_KAFKA} or newer is needed"
_DEFECT: Final = {30: "4.3.0 or later", 31: "4.4.0", 32: "4.4.0", 33: "4.4.0 or later"}


def ours() -> Finding:
    """Versions of this installation."""
    client = version("aiokafka")
    return ok("versions", f"bridge {version_in_words()}, Python {platform.python_version()}, aiokafka {client}")


async def kafkas(broker: str, connection: AIOKafkaConnection) -> Finding:
    """The version of a broker. Kafka has no request for it, but the features of its software tell the release."""
    try:
        answer = await connection.send(FeaturesRequest())
    except NotImplementedError:  # Kafka has had this version of the request since 2.4
        what = f"{broker} has no ApiVersions of version 3, so it is a Kafka before 2.4"
        return wrong("versions", what, _OF_AGE)
    except (KafkaError, TimeoutError):
        return unknown("versions", f"{broker} does not tell what it can do")
    return kafka_version(broker, answer.supported, answer.versions)


def kafka_version(broker: str, features: Mapping[str, int], spoken: Mapping[int, range]) -> Finding:
    """A finding from a broker's features (newest level by name) and its request versions (by API key)."""
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
