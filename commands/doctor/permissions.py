"""Which permissions this user lacks, found without changing anything.

Topics: Kafka tells what one may do with those that exist (KIP-430); one that is missing is created on trial only. The
group: a heartbeat of a member that there is not. Transactional ids: the end of a transaction by a producer that there
is not. Whoever lacks the permission is told so; whoever has it, that there is no such member, or producer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.protocol.admin import CreateTopicsRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import EndTxnRequest

from bridge.kafka.words import acls_command
from bridge.settings import Settings
from bridge.topics import specs
from commands.doctor.finding import Finding, ok, wrong
from commands.doctor.needs import Need, Resource
from commands.doctor.wire import AllowedRequest

_NOBODY: Final = -1
"""As a generation, a producer's id and its epoch: there is none like that."""
_ON_TRIAL: Final = "doctor"
"""The end of a name where all that begin alike are meant."""
_TRIAL_MS: Final = 2000
_BITS: Final = {
    "Read": 3,
    "Write": 4,
    "Create": 5,
    "Alter": 7,
    "Describe": 8,
    "DescribeConfigs": 10,
    "AlterConfigs": 11,
}
"""Of Kafka's `AclOperation`, in what it says one may do."""


class Permissions:
    """Asks one broker."""

    def __init__(self, settings: Settings, connection: AIOKafkaConnection) -> None:
        self._settings, self._connection = settings, connection

    async def findings(self, needs: Iterable[Need]) -> list[Finding]:
        """What is lacking, as commands that allow it. KafkaError: the broker does not answer."""
        asked = list(needs)
        topics = await self._topics([each for each in asked if each.resource is Resource.TOPIC])
        others = [await self._lacking(each) for each in asked if each.resource is not Resource.TOPIC]
        lacking = [each for each in (*topics, *others) if each.operations]
        if not lacking:
            return [ok("permissions", "everything that the bridge does is allowed")]
        return [self._finding(resource, lacking) for resource in Resource if _of(resource, lacking)]

    def _finding(self, resource: Resource, lacking: Iterable[Need]) -> Finding:
        mine = _of(resource, lacking)
        names = sorted(each.name for each in mine)
        shown = f"{names[0]} and {len(names) - 1} others" if len(names) > 1 else names[0]
        operations = sorted({operation for each in mine for operation in each.operations})
        what = f"not allowed on the {_WORDS[resource]} {shown}: {', '.join(operations)}"
        return wrong("permissions", what, *_together(self._settings, mine))

    async def _topics(self, needs: list[Need]) -> list[Need]:
        answer = await self._connection.send(AllowedRequest([each.name for each in needs]))
        told = {name: (code, allowed) for code, name, _, _, allowed in answer.topics}
        missing = [name for name, (code, _) in told.items() if code not in {0, TopicAuthorizationFailedError.errno}]
        refused = await self._refused_to_create(missing)
        return [
            need._replace(operations=_not_allowed(need, *told[need.name], refused=need.name in refused))
            for need in needs
            if need.name in told
        ]

    async def _refused_to_create(self, absent: Iterable[str]) -> frozenset[str]:
        names = frozenset(absent)
        if not names:
            return names
        topics: list[Any] = [(each.name, each.partitions, 1, [], []) for each in specs(self._settings)]
        missing = [each for each in topics if each[0] in names]
        answer = await self._connection.send(CreateTopicsRequest(missing, _TRIAL_MS, validate_only=True))
        codes = {TopicAuthorizationFailedError.errno, ClusterAuthorizationFailedError.errno}
        return frozenset(name for name, code, *_ in answer.topic_errors if code in codes)

    async def _lacking(self, need: Need) -> Need:
        name = f"{need.name}{_ON_TRIAL}" if need.prefixed else need.name
        if need.resource is Resource.GROUP:
            answer = await self._connection.send(HeartbeatRequest(name, _NOBODY, ""))
            lacks = answer.error_code == GroupAuthorizationFailedError.errno
        else:
            answer = await self._connection.send(EndTxnRequest(name, _NOBODY, _NOBODY, False))
            lacks = answer.error_code == TransactionalIdAuthorizationFailed.errno
        return need if lacks else need._replace(operations=frozenset())


_WORDS: Final = {
    Resource.TOPIC: "topic",
    Resource.GROUP: "group",
    Resource.TRANSACTIONAL_ID: "transactional ids",
}


def _not_allowed(need: Need, code: int, allowed: int, *, refused: bool) -> frozenset[str]:
    """Of a missing topic nothing but its creation can be known, of an existing one that matters no more."""
    if code == TopicAuthorizationFailedError.errno:
        return need.operations  # not even to know of it
    if code:
        return frozenset({"Create"} if refused else ()) & need.operations
    return frozenset(name for name in need.operations - {"Create"} if not allowed & 1 << _BITS[name])


def _of(resource: Resource, needs: Iterable[Need]) -> list[Need]:
    return [each for each in needs if each.resource is resource]


def _together(settings: Settings, needs: Iterable[Need]) -> Iterable[str]:
    """One command for all that lack the same."""
    names: Mapping[tuple[Resource, frozenset[str], bool], list[str]] = defaultdict(list)
    for each in needs:
        names[each.resource, each.operations, each.prefixed].append(each.name)
    for (resource, operations, prefixed), alike in names.items():
        yield acls_command(settings, resource, alike, sorted(operations), prefixed=prefixed)
