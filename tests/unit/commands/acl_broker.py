"""A broker with an authorizer."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from aiokafka.protocol.admin import CreateTopicsRequest, DescribeGroupsRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import EndTxnRequest

from bridge.kafka.acls import COORDINATION, IMPLIED, Acl, Operation, Pattern, Resource
from bridge.settings import Settings
from bridge.topics import specs
from commands.terminal.permissions import _BITS, _UNTOLD
from commands.terminal.wire import AllowedRequest

SETTINGS = Settings(tenant="acme")
NAMES = [spec.name for spec in specs(SETTINGS)]
GROUP = SETTINGS.group_id
TOPIC_DENIED, GROUP_DENIED, ID_DENIED, NO_TOPIC = 29, 30, 53, 3


class Broker:
    """Answers as if our user had these ACLs and no others. `tells`: whether it says what one may do with a topic."""

    def __init__(self, given: Iterable[Acl], missing: Iterable[str] = (), *, tells: bool = True) -> None:
        self._given, self._missing, self._tells = list(given), set(missing), tells

    async def send(self, request: Any) -> Any:
        """Answer as a connection does."""
        if isinstance(request, AllowedRequest):
            return SimpleNamespace(topics=[self._topic(name) for name in (*NAMES, *COORDINATION)])
        if isinstance(request, HeartbeatRequest):
            is_allowed = Operation.READ in self._allowed(Resource.GROUP, GROUP)
            return SimpleNamespace(error_code=0 if is_allowed else GROUP_DENIED)
        if isinstance(request, DescribeGroupsRequest):
            is_allowed = Operation.DESCRIBE in self._allowed(Resource.GROUP, GROUP)
            return SimpleNamespace(groups=[(0 if is_allowed else GROUP_DENIED,)])
        if isinstance(request, EndTxnRequest):
            is_allowed = Operation.WRITE in self._allowed(Resource.TRANSACTIONAL_ID, request._transactional_id)
            return SimpleNamespace(error_code=0 if is_allowed else ID_DENIED)
        assert isinstance(request, CreateTopicsRequest)
        names = [name for name, *_ in request.create_topic_requests]
        return SimpleNamespace(topic_errors=[(name, self._creation(name)) for name in names])

    def _topic(self, name: str) -> tuple[int, str, bool, list[Any], int]:
        allowed = self._allowed(Resource.TOPIC, name)
        code = NO_TOPIC if name in self._missing else 0
        code = code if Operation.DESCRIBE in allowed else TOPIC_DENIED
        bits = sum(1 << _BITS[each] for each in allowed) if self._tells else _UNTOLD
        return code, name, False, [], bits

    def _creation(self, name: str) -> int:
        return 0 if Operation.CREATE in self._allowed(Resource.TOPIC, name) else TOPIC_DENIED

    def _allowed(self, resource: Resource, name: str) -> set[Operation]:
        here = [each for each in self._given if each.resource is resource and _is_of(each, name)]
        given = {operation for each in here for operation in each.operations}
        return given.union(*(IMPLIED.get(each, frozenset()) for each in given))


def _is_of(acl: Acl, name: str) -> bool:
    return name == acl.name or (acl.pattern is Pattern.PREFIXED and name.startswith(acl.name))


def without(given: Iterable[Acl], name: str, operation: Operation) -> list[Acl]:
    """The same ACLs without this operation on that resource."""
    return [
        each._replace(operations=tuple(op for op in each.operations if (each.name, op) != (name, operation)))
        for each in given
    ]
