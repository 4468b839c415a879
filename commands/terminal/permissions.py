"""Which permissions this user lacks, found without changing anything.

Topics: Kafka tells what one may do with those that exist (KIP-430); one that is missing is created on trial only. The
group: a heartbeat of a member that there is not. Transactional ids: the end of a transaction by a producer that there
is not. Whoever lacks the permission is told so; whoever has it, that there is no such member, or producer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.protocol.admin import CreateTopicsRequest, DescribeGroupsRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import EndTxnRequest

from bridge.kafka.acls import Acl, Operation, Pattern, Resource
from bridge.settings import Settings
from bridge.topics import specs
from commands.terminal.wire import AllowedRequest

_NOBODY: Final = -1
"""As a generation, a producer's id and its epoch: there is none like that."""
_ON_TRIAL: Final = "doctor"
"""The end of a name where all that begin alike are meant."""
_TRIAL_MS: Final = 2000
_UNTOLD: Final = -(2**31)
"""What a broker says of operations on which it gives no account."""
_WORDS: Final = {
    Resource.TOPIC: "topic",
    Resource.GROUP: "group",
    Resource.TRANSACTIONAL_ID: "transactional id",
}
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
ACL_OPTIONS: Final = {
    Resource.TOPIC: "--topic",
    Resource.GROUP: "--group",
    Resource.TRANSACTIONAL_ID: "--transactional-id",
}
"""Of `kafka-acls.sh`, which takes operations as `pascal` writes them."""

Send = Callable[[Any], Awaitable[Any]]
"""A request of aiokafka's to one broker, whose answer it gives."""


class Metadata:
    """What the broker that `send` asks tells of all brokers, and of topics with what our user may do there: asked once,
    for whoever asks."""

    def __init__(self, send: Send, topics: Iterable[str]) -> None:
        self.send, self._topics = send, list(topics)
        self._asking = asyncio.Lock()
        self._answer: Any = None

    async def answer(self) -> Any:
        """KafkaError: the broker does not give one."""
        async with self._asking:
            if self._answer is None:
                self._answer = await self.send(AllowedRequest(self._topics))
            return self._answer


class Known(NamedTuple):
    """Which operations of a need this user may do, and which it may not. Of a topic that is missing nothing but its
    creation can be known, and nothing where Kafka does not tell."""

    need: Acl
    has: frozenset[Operation]
    lacks: frozenset[Operation]


def topics_of(needed: Iterable[Acl]) -> list[str]:
    """Of all of ours: every part looks at each."""
    return [each.name for each in _of(Resource.TOPIC, needed)]


class Permissions:
    """Asks one broker; `metadata`: of all topics that may be asked about."""

    def __init__(self, settings: Settings, metadata: Metadata) -> None:
        self._settings, self._metadata, self._send = settings, metadata, metadata.send

    async def known(self, asked: Iterable[Acl]) -> list[Known]:
        """Of each of these needs. KafkaError: the broker does not answer."""
        needed = list(asked)
        topics = await self._topics(_of(Resource.TOPIC, needed))
        return [*topics, *[await self._known(each) for each in needed if each.resource is not Resource.TOPIC]]

    async def _topics(self, needed: list[Acl]) -> list[Known]:
        answer = await self._metadata.answer()
        told = {name: (code, allowed) for code, name, _, _, allowed in answer.topics}
        missing = [name for name, (code, _) in told.items() if code not in {0, TopicAuthorizationFailedError.errno}]
        refused = await self._refused_to_create(missing)
        return [_known_of(need, *told[need.name], refused=need.name in refused) for need in needed if need.name in told]

    async def _refused_to_create(self, absent: Iterable[str]) -> frozenset[str]:
        names = frozenset(absent)
        topics: list[Any] = [(each.name, each.partitions, 1, [], []) for each in specs(self._settings)]
        missing = [each for each in topics if each[0] in names]
        if not missing:
            return frozenset()
        answer = await self._send(CreateTopicsRequest(missing, _TRIAL_MS, validate_only=True))
        codes = {TopicAuthorizationFailedError.errno, ClusterAuthorizationFailedError.errno}
        return frozenset(name for name, code, *_ in answer.topic_errors if code in codes)

    async def _known(self, need: Acl) -> Known:
        name, needed = f"{need.name}{_ON_TRIAL}" if need.pattern is Pattern.PREFIXED else need.name, need.operations
        if need.resource is Resource.GROUP:
            lacks = frozenset([each for each in needed if await self._group_lacks(name, each)])
        else:
            lacks = frozenset(needed if await self._id_lacks(name) else ())
        return Known(need, frozenset(needed) - lacks, lacks)

    async def _group_lacks(self, group: str, operation: Operation) -> bool:
        if operation is Operation.READ:
            code = (await self._send(HeartbeatRequest(group, _NOBODY, ""))).error_code
        else:
            code = (await self._send(DescribeGroupsRequest([group]))).groups[0][0]
        return bool(code == GroupAuthorizationFailedError.errno)

    async def _id_lacks(self, transactional_id: str) -> bool:
        answer = await self._send(EndTxnRequest(transactional_id, _NOBODY, _NOBODY, False))
        return bool(answer.error_code == TransactionalIdAuthorizationFailed.errno)


def not_allowed(lacking: Sequence[Known]) -> str:
    """In words, of needs of one kind of resource that lack something."""
    names = sorted(each.need.name for each in lacking)
    shown = f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
    operations = sorted({pascal(operation) for each in lacking for operation in each.lacks})
    return f"not allowed on the {_WORDS[lacking[0].need.resource]} {shown}: {', '.join(operations)}"


def pascal(operation: Operation) -> str:
    """As Kafka's own and other tools take it: `DESCRIBE_CONFIGS` -> `DescribeConfigs`."""
    return "".join(word.capitalize() for word in operation.split("_"))


def _known_of(need: Acl, code: int, allowed: int, *, refused: bool) -> Known:
    """Of a topic; `allowed` are bits, as Kafka tells them. Who may not create one that exists lacks nothing by it."""
    if code == TopicAuthorizationFailedError.errno:
        return Known(need, frozenset(), frozenset(need.operations))  # not even to know of it
    needed = frozenset(need.operations)
    if not code and allowed == _UNTOLD:
        return Known(need, frozenset(), frozenset())
    if code:
        lacks = needed & {Operation.CREATE} if refused else frozenset[Operation]()
        return Known(need, needed & {Operation.CREATE} - lacks, lacks)
    has = frozenset(each for each in needed if allowed & 1 << _BITS[each])
    return Known(need, has, needed - has - {Operation.CREATE})


def _of(resource: Resource, needed: Iterable[Acl]) -> list[Acl]:
    return [each for each in needed if each.resource is resource]
