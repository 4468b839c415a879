"""Whose user it is that lacks something: no part is told to be wrong for want of what another one has."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.protocol.admin import CreateTopicsRequest, DescribeGroupsRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import EndTxnRequest

from bridge.kafka.acls import COORDINATION, IMPLIED, Acl, Operation, Part, Pattern, Resource, acls
from bridge.settings import Settings
from bridge.topics import specs
from commands.doctor.finding import Finding, State
from commands.doctor.permissions import _BITS, Permissions, needs

SETTINGS = Settings(tenant="acme")
NAMES = [spec.name for spec in specs(SETTINGS)]
RAW, GROUP = SETTINGS.topics.raw, SETTINGS.group_id
OF = acls(SETTINGS)
ALL = (Part.INGRESS, Part.WORKER, Part.TOPICS, Part.READER, Part.PUBLISHER)
TOPIC_DENIED, GROUP_DENIED, ID_DENIED, NO_TOPIC = 29, 30, 53, 3


class Broker:
    """Answers as one at which our user has these ACLs and no others."""

    def __init__(self, given: Iterable[Acl], missing: Iterable[str] = ()) -> None:
        self._given, self._missing = list(given), set(missing)
        self.connection = self

    async def answer(self) -> Any:
        """As `Metadata`."""
        return SimpleNamespace(topics=[self._topic(name) for name in (*NAMES, *COORDINATION)])

    async def send(self, request: Any) -> Any:
        """As a connection."""
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
        return code, name, False, [], sum(1 << _BITS[each] for each in allowed)

    def _creation(self, name: str) -> int:
        return 0 if Operation.CREATE in self._allowed(Resource.TOPIC, name) else TOPIC_DENIED

    def _allowed(self, resource: Resource, name: str) -> set[Operation]:
        here = [each for each in self._given if each.resource is resource and _is_of(each, name)]
        given = {operation for each in here for operation in each.operations}
        return given.union(*(IMPLIED.get(each, frozenset()) for each in given))


def _is_of(acl: Acl, name: str) -> bool:
    return name == acl.name or (acl.pattern is Pattern.PREFIXED and name.startswith(acl.name))


def without(given: Iterable[Acl], name: str, operation: Operation) -> list[Acl]:
    """The same, but that this operation on that resource is not allowed."""
    return [
        each._replace(operations=tuple(op for op in each.operations if (each.name, op) != (name, operation)))
        for each in given
    ]


async def looked(given: Iterable[Acl], part: Part | None = None, missing: Iterable[str] = ()) -> list[Finding]:
    return await Permissions(SETTINGS, Broker(given, missing)).findings(needs(SETTINGS, part), part)  # type: ignore[arg-type]


def everything() -> list[Acl]:
    return [each for part in ALL for each in OF[part]]


async def test_a_user_for_everything_lacks_nothing() -> None:
    (found,) = await looked(everything())
    assert found.state is State.OK


@pytest.mark.parametrize("part", ALL)
async def test_a_parts_own_user_is_not_wrong(part: Part) -> None:
    (found,) = await looked(OF[part])
    assert (found.state, "may do all that" in found.what) == (State.WARNING, True)
    assert part in found.what
    assert not any("kafka-acls.sh" in each for each in found.remedies)
    assert "--part" in found.remedies[0]
    (asked,) = await looked(OF[part], part)
    assert asked.state is State.OK


async def test_a_user_for_both_services_is_not_wrong() -> None:
    (found,) = await looked([*OF[Part.INGRESS], *OF[Part.WORKER]])
    assert (found.state, "all that ingress and worker need" in found.what) == (State.WARNING, True)


async def test_what_a_parts_user_lacks_is_told_of_that_part_alone() -> None:
    (found,) = await looked(without(OF[Part.WORKER], GROUP, Operation.READ))
    assert found.state is State.WRONG
    assert found.what == f"not allowed on the group {GROUP}: Read; worker needs it, whose user this seems to be"
    command, other = found.remedies
    assert command.endswith(f"--group {GROUP} --operation Read")
    assert "--part" in other


async def test_a_reader_that_may_not_read_a_topic_is_told_that_alone() -> None:
    (found,) = await looked(without(OF[Part.READER], RAW, Operation.READ))
    what = f"not allowed on the topic {RAW}: DescribeConfigs, Read"
    assert found.what == f"{what}; reader needs it, whose user this seems to be"


async def test_of_a_user_for_everything_each_part_that_lacks_something_is_named() -> None:
    given = without(everything(), RAW, Operation.WRITE)
    (found,) = await looked(given)
    assert found.state is State.WRONG
    assert found.what == f"not allowed on the topic {RAW}: Write; ingress and publisher need it"
    assert "--part" in found.remedies[-1]


async def test_a_user_for_everything_that_may_not_join_the_group_is_wrong_though_it_does_for_an_ingress() -> None:
    """It may do more than any one of the parts that lack nothing."""
    given = without(without(everything(), GROUP, Operation.READ), GROUP, Operation.DESCRIBE)
    (found,) = await looked(given)
    assert found.what.startswith(f"not allowed on the group {GROUP}: Describe, Read; ")
    for part in (Part.WORKER, Part.TOPICS, Part.READER, Part.PUBLISHER):
        assert part in found.what


async def test_who_may_do_nothing_is_told_all_of_it() -> None:
    found = await looked([])
    assert [each.state for each in found] == [State.WRONG] * 3 + [State.WARNING]
    assert any("--operation Create" in each for each in found[0].remedies)


async def test_asked_for_a_part_nothing_is_guessed() -> None:
    (found,) = await looked(without(OF[Part.WORKER], GROUP, Operation.READ), Part.WORKER)
    assert found.what == f"not allowed on the group {GROUP}: Read"
    assert len(found.remedies) == 1


async def test_who_may_not_create_a_missing_topic_need_not_if_it_only_reads() -> None:
    (found,) = await looked(OF[Part.READER], missing=[RAW])
    assert found.state is State.WARNING
    (found,) = await looked(without(everything(), RAW, Operation.CREATE), missing=[RAW])
    assert (found.state, "Create; topics needs it" in found.what) == (State.WRONG, True)
