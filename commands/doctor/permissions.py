"""Which permissions this user lacks, found without changing anything.

Topics: Kafka tells what one may do with those that exist (KIP-430); one that is missing is created on trial only. The
group: a heartbeat of a member that there is not. Transactional ids: the end of a transaction by a producer that there
is not. Whoever lacks the permission is told so; whoever has it, that there is no such member, or producer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.protocol.admin import CreateTopicsRequest, DescribeGroupsRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import EndTxnRequest

from bridge.kafka.acls import COORDINATION, Acl, Operation, Part, Pattern, Resource, acls
from bridge.kafka.words import acls_command
from bridge.settings import Settings
from bridge.topics import specs
from commands.doctor.finding import Finding, ok, warning, wrong
from commands.doctor.metadata import Metadata

_NOBODY: Final = -1
"""As a generation, a producer's id and its epoch: there is none like that."""
_ON_TRIAL: Final = "doctor"
"""The end of a name where all that begin alike are meant."""
_TRIAL_MS: Final = 2000
_BITS: Final = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.ALTER: 7,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
"""Of Kafka's `AclOperation`, in what it says one may do."""
_ALL_ALONG: Final = tuple(part for part in Part if part is not Part.MIGRATION)
"""Who has to be allowed something while the bridge runs."""


def needs(settings: Settings, part: Part | None) -> list[Acl]:
    """What a user for this part needs; None: one for everything but migrations. Each resource once."""
    of_each, wanted = acls(settings), (part,) if part else _ALL_ALONG
    operations: dict[tuple[Resource, str, Pattern], set[Operation]] = defaultdict(set)
    for need in (need for each in wanted for need in of_each[each]):
        operations[need.resource, need.name, need.pattern].update(need.operations)
    return [Acl(*of, tuple(sorted(needed))) for of, needed in operations.items()]


def topics_of(needed: Iterable[Acl]) -> list[str]:
    """Of all of ours: every part looks at each."""
    return [each.name for each in _of(Resource.TOPIC, needed)]


class Permissions:
    """Asks one broker; `metadata`: of all topics that may be asked about."""

    def __init__(self, settings: Settings, metadata: Metadata) -> None:
        self._settings, self._metadata, self._connection = settings, metadata, metadata.connection

    async def findings(self, asked: Iterable[Acl]) -> list[Finding]:
        """What is lacking, as commands that allow it. KafkaError: the broker does not answer."""
        needed = list(asked)
        topics = await self._topics(_of(Resource.TOPIC, needed))
        others = [await self._lacking(each) for each in needed if each.resource is not Resource.TOPIC]
        lacking = [each for each in (*topics, *others) if each.operations]
        coordination = [each for each in lacking if each.name in COORDINATION]
        needed = [each for each in lacking if each not in coordination]
        found = [_finding(self._settings, mine) for resource in Resource if (mine := _of(resource, needed))]
        if coordination:
            found.append(_finding(self._settings, coordination, kind=warning))
        return found or [ok("permissions", "everything that the bridge does is allowed")]

    async def _topics(self, needed: list[Acl]) -> list[Acl]:
        answer = await self._metadata.answer()
        told = {name: (code, allowed) for code, name, _, _, allowed in answer.topics}
        missing = [name for name, (code, _) in told.items() if code not in {0, TopicAuthorizationFailedError.errno}]
        refused = await self._refused_to_create(missing)
        return [
            need._replace(operations=_not_allowed(need, *told[need.name], refused=need.name in refused))
            for need in needed
            if need.name in told
        ]

    async def _refused_to_create(self, absent: Iterable[str]) -> frozenset[str]:
        names = frozenset(absent)
        topics: list[Any] = [(each.name, each.partitions, 1, [], []) for each in specs(self._settings)]
        missing = [each for each in topics if each[0] in names]
        if not missing:
            return frozenset()
        answer = await self._connection.send(CreateTopicsRequest(missing, _TRIAL_MS, validate_only=True))
        codes = {TopicAuthorizationFailedError.errno, ClusterAuthorizationFailedError.errno}
        return frozenset(name for name, code, *_ in answer.topic_errors if code in codes)

    async def _lacking(self, need: Acl) -> Acl:
        name = f"{need.name}{_ON_TRIAL}" if need.pattern is Pattern.PREFIXED else need.name
        lacks = await (self._group_lacks(name, need) if need.resource is Resource.GROUP else self._id_lacks(name))
        return need if lacks else need._replace(operations=())

    async def _group_lacks(self, group: str, need: Acl) -> bool:
        if Operation.READ in need.operations:
            code = (await self._connection.send(HeartbeatRequest(group, _NOBODY, ""))).error_code
        else:
            code = (await self._connection.send(DescribeGroupsRequest([group]))).groups[0][0]
        return bool(code == GroupAuthorizationFailedError.errno)

    async def _id_lacks(self, transactional_id: str) -> bool:
        answer = await self._connection.send(EndTxnRequest(transactional_id, _NOBODY, _NOBODY, False))
        return bool(answer.error_code == TransactionalIdAuthorizationFailed.errno)


_WORDS: Final = {
    Resource.TOPIC: ("topic", "--topic"),
    Resource.GROUP: ("group", "--group"),
    Resource.TRANSACTIONAL_ID: ("transactional id", "--transactional-id"),
}
"""In a sentence, and as an option of `kafka-acls.sh`."""


def _finding(settings: Settings, lacking: list[Acl], kind: Any = wrong) -> Finding:
    """Of what lacks on resources of one kind."""
    word, option = _WORDS[lacking[0].resource]
    names = sorted(each.name for each in lacking)
    shown = f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
    operations = sorted({_pascal(operation) for each in lacking for operation in each.operations})
    found: Finding = kind(
        "permissions",
        f"not allowed on the {word} {shown}: {', '.join(operations)}",
        *(
            acls_command(settings, option, alike, map(_pascal, allowed), prefixed=pattern is Pattern.PREFIXED)
            for (allowed, pattern), alike in _together(lacking).items()
        ),
    )
    return found


def _together(lacking: Iterable[Acl]) -> Mapping[tuple[tuple[Operation, ...], Pattern], list[str]]:
    """Names for which one command does."""
    names: dict[tuple[tuple[Operation, ...], Pattern], list[str]] = defaultdict(list)
    for each in lacking:
        names[each.operations, each.pattern].append(each.name)
    return names


def _not_allowed(need: Acl, code: int, allowed: int, *, refused: bool) -> tuple[Operation, ...]:
    """Of a missing topic nothing but its creation can be known, of an existing one that matters no more."""
    if code == TopicAuthorizationFailedError.errno:
        return need.operations  # not even to know of it
    lacking = {Operation.CREATE} if code and refused else set[Operation]()
    if not code:
        lacking = {each for each in need.operations if not allowed & 1 << _BITS[each]} - {Operation.CREATE}
    return tuple(each for each in need.operations if each in lacking)


def _of(resource: Resource, needed: Iterable[Acl]) -> list[Acl]:
    return [each for each in needed if each.resource is resource]


def _pascal(operation: Operation) -> str:
    """As `kafka-acls.sh` takes it: `DescribeConfigs`."""
    return "".join(word.capitalize() for word in operation.split("_"))
