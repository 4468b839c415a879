"""Limits, client quotas and disks of the brokers, if our user may see them. The bridge needs these permissions for
nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from aiokafka.admin.config_resource import ConfigResourceType
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import IncompatibleBrokerVersion, for_code
from aiokafka.protocol.admin import DescribeClientQuotasRequest, DescribeConfigsRequest

from bridge.kafka.words import principal
from bridge.settings import Settings
from bridge.settings.types import format_duration
from commands.doctor.finding import Finding, ok, unknown, warning, wrong
from commands.terminal.wire import LogDirsRequest

_NAMES: Final = (
    "group.min.session.timeout.ms",
    "group.max.session.timeout.ms",
    "transaction.max.timeout.ms",
    "socket.request.max.bytes",
)
_QUOTAS: Final = frozenset({"producer_byte_rate", "consumer_byte_rate", "request_percentage"})
"""Quotas that make Kafka delay its answers to clients that exceed them."""
_OF_QUOTAS: Final = "raise it by kafka-configs.sh if Kafka is slow for us: whoever exceeds one is answered late"
_FULL, _NEARLY_FULL = 0.01, 0.1


async def limits(settings: Settings, connection: AIOKafkaConnection, node_id: int) -> list[Finding]:
    """Limits of one broker. KafkaError: it does not answer."""
    resource = (ConfigResourceType.BROKER, str(node_id), list(_NAMES))
    answer = await connection.send(DescribeConfigsRequest([resource], False))
    code, *_, entries = answer.resources[0]
    if code:
        why = "DescribeConfigs on the cluster, which nothing else needs"
        return [unknown("limits", f"broker {node_id} does not show its limits to this user ({why})")]
    return list(limits_of(settings, node_id, {entry[0]: entry[1] for entry in entries}))


def limits_of(settings: Settings, node_id: int, values: Mapping[str, str]) -> Iterator[Finding]:
    """Findings on a broker's configuration, given as Kafka's names and values."""
    given = {name: int(text) for name, text in values.items() if text.isdecimal()}
    found = [
        *_timeout(settings.session_timeout, "BRIDGE_SESSION_TIMEOUT", given, _NAMES[0], _NAMES[1]),
        *_timeout(settings.transaction_timeout, "BRIDGE_TRANSACTION_TIMEOUT", given, None, _NAMES[2]),
        *_requests(settings, given),
    ]
    yield from found or [ok("limits", f"broker {node_id} allows what the settings ask for")]


def _timeout(
    wanted: timedelta, setting: str, given: Mapping[str, int], least: str | None, most: str
) -> Iterator[Finding]:
    milliseconds = wanted // timedelta(milliseconds=1)
    for name, is_wrong in ((least, int.__gt__), (most, int.__lt__)):
        if name is not None and name in given and is_wrong(given[name], milliseconds):
            what = f"{setting} is {format_duration(wanted)}, the brokers' {name} is {given[name]}"
            yield wrong("limits", what, f"set {setting} within it")


def _requests(settings: Settings, given: Mapping[str, int]) -> Iterator[Finding]:
    most = given.get("socket.request.max.bytes")
    if most is not None and most < settings.max_message_bytes:
        what = f"the brokers' socket.request.max.bytes is {most}, an event's record up to {settings.max_message_bytes}"
        yield wrong("limits", what, "raise it, or lower BRIDGE_INGRESS_MAX_BODY_BYTES")


async def quotas(settings: Settings, connection: AIOKafkaConnection) -> list[Finding]:
    """Quotas of all brokers, as any of them tells. KafkaError: it does not answer."""
    try:
        answer = await connection.send(DescribeClientQuotasRequest([], False))
    except (IncompatibleBrokerVersion, NotImplementedError):
        return [unknown("limits", "the brokers are too old to tell of client quotas")]
    if answer.error_code:
        return [unknown("limits", "client quotas are not shown to this user (DescribeConfigs on the cluster)")]
    return list(quotas_of(settings, answer.entries))


def quotas_of(
    settings: Settings, entries: Iterable[tuple[Sequence[tuple[str, str | None]], Sequence[tuple[str, float]]]]
) -> Iterator[Finding]:
    """Findings on quotas that apply to us, because they are for everybody or for our user. `entries`: whose quota, by
    kind of entity (None: Kafka's default), and its values."""
    for entity, values in entries:
        whose, quota = dict(entity), [f"{name}={value:.10g}" for name, value in values if name in _QUOTAS]
        user = whose.get("user")
        if quota and whose.get("client-id") is None and user in {None, principal(settings).removeprefix("User:")}:
            what = f"a client quota of {user or 'everybody'} is {', '.join(quota)}"
            yield warning("limits", what, _OF_QUOTAS)


class Disk(NamedTuple):
    """A log directory. Sizes in bytes, -1: the broker does not tell. `error`: Kafka's code."""

    error: int
    directory: str
    total: int
    usable: int


async def disks(connection: AIOKafkaConnection, broker: str) -> list[Finding]:
    """Disks of one broker. KafkaError: it does not answer."""
    try:
        answer: Any = await connection.send(LogDirsRequest())
    except NotImplementedError:
        return [unknown("disk", f"{broker} is too old to tell of its disks")]
    if answer.error_code:
        return [unknown("disk", f"{broker} does not show its disks to this user (Describe on the cluster)")]
    return [disk_of(broker, Disk(code, name, total, usable)) for code, name, _, total, usable, _ in answer.results]


def disk_of(broker: str, disk: Disk) -> Finding:
    """A finding on a log directory."""
    if disk.error:
        reason = for_code(disk.error).message
        return wrong("disk", f"{broker}'s log directory {disk.directory} is offline ({reason})", "look at its log")
    if disk.total <= 0:
        return unknown("disk", f"{broker} does not tell the size of {disk.directory}")
    free = disk.usable / disk.total
    what = f"{broker} has {free:.0%} of {disk.total / (1 << 30):.1f} GiB free in {disk.directory}"
    if free < _FULL:
        return wrong("disk", f"the disk is full: {what}", "enlarge it: Kafka ends when it cannot write")
    if free < _NEARLY_FULL:
        return warning("disk", what, "enlarge it: retention is by time, so it grows with the events")
    return ok("disk", what)
