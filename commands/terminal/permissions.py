"""Which permissions this user lacks, found without changing anything.

- Topics: Kafka tells what a user may do with existing ones (KIP-430). A missing one is created with `validate_only`.
- The group: a heartbeat of a member that does not exist.
- Transactional ids: a producer that does not exist ends a transaction.

Kafka refuses a user without the permission; otherwise it answers that there is no such member or producer.
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
"""A generation, producer id and epoch that nobody has."""
_ON_TRIAL: Final = "doctor"
"""Completes a prefix to a name, to test permissions on that prefix."""
_TRIAL_MS: Final = 2000
_UNTOLD: Final = -(2**31)
"""A broker's answer if it does not tell the allowed operations."""
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
"""Bits of Kafka's `AclOperation`, in the allowed operations of an answer."""
ACL_OPTIONS: Final = {
    Resource.TOPIC: "--topic",
    Resource.GROUP: "--group",
    Resource.TRANSACTIONAL_ID: "--transactional-id",
}
"""Options of `kafka-acls.sh`; `pascal` gives its operations."""

Send = Callable[[Any], Awaitable[Any]]
"""Sends a request of aiokafka's to one broker and returns the answer."""


class Metadata:
    """All brokers, and topics with what our user may do there, as one broker tells them. Asked once for all callers."""

    def __init__(self, send: Send, topics: Iterable[str]) -> None:
        self.send, self._topics = send, list(topics)
        self._asking = asyncio.Lock()
        self._answer: Any = None

    async def answer(self) -> Any:
        """The broker's answer. KafkaError: there is none."""
        async with self._asking:
            if self._answer is None:
                self._answer = await self.send(AllowedRequest(self._topics))
            return self._answer


class Known(NamedTuple):
    """Which operations of a need this user may do, and which it may not. For a missing topic only Create can be known;
    without Kafka's answer, nothing."""

    need: Acl
    has: frozenset[Operation]
    lacks: frozenset[Operation]


def topics_of(needed: Iterable[Acl]) -> list[str]:
    """Names of all needed topics; every part needs each."""
    return [each.name for each in _of(Resource.TOPIC, needed)]


class Permissions:
    """Asks one broker; `metadata`: of all topics that can be asked about."""

    def __init__(self, settings: Settings, metadata: Metadata) -> None:
        self._settings, self._metadata, self._send = settings, metadata, metadata.send

    async def known(self, asked: Iterable[Acl]) -> list[Known]:
        """What is known of each need. KafkaError: the broker does not answer."""
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
    """What these needs lack, in words; all are of one kind of resource."""
    names = sorted(each.need.name for each in lacking)
    shown = f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
    operations = sorted({pascal(operation) for each in lacking for operation in each.lacks})
    return f"not allowed on the {_WORDS[lacking[0].need.resource]} {shown}: {', '.join(operations)}"


def pascal(operation: Operation) -> str:
    """The name that Kafka's and other tools take: `DESCRIBE_CONFIGS` -> `DescribeConfigs`."""
    return "".join(word.capitalize() for word in operation.split("_"))


def _known_of(need: Acl, code: int, allowed: int, *, refused: bool) -> Known:
    """What is known of a topic. `allowed`: bits, as Kafka sends them. A topic that exists needs no Create."""
    if code == TopicAuthorizationFailedError.errno:
        return Known(need, frozenset(), frozenset(need.operations))  # it may not even see the topic
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
