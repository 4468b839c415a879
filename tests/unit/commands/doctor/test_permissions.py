"""Which part's user lacks a permission: no part is called wrong for lack of what only another part has."""

from collections.abc import Iterable

import pytest

from bridge.kafka.acls import Acl, Operation, Part, acls
from commands.doctor.finding import Finding, State
from commands.doctor.lacking import findings_of
from commands.doctor.parts import needs
from commands.terminal.permissions import Metadata, Permissions, topics_of
from tests.unit.commands.acl_broker import GROUP, SETTINGS, Broker, without

RAW = SETTINGS.topics.raw
OF = acls(SETTINGS)
ALL = (Part.INGRESS, Part.WORKER, Part.TOPICS, Part.READER, Part.PUBLISHER)


async def looked(given: Iterable[Acl], part: Part | None = None, missing: Iterable[str] = ()) -> list[Finding]:
    needed = needs(SETTINGS, part)
    asked = Metadata(Broker(given, missing).send, topics_of(needed))
    return findings_of(SETTINGS, part, await Permissions(SETTINGS, asked).known(needed))


def everything() -> list[Acl]:
    return [each for part in ALL for each in OF[part]]


async def test_a_user_for_everything_lacks_nothing() -> None:
    (found,) = await looked(everything())
    assert found.state is State.OK


@pytest.mark.parametrize("part", Part)
async def test_a_parts_own_user_is_not_wrong(part: Part) -> None:
    """A migration's may do all that a worker must, and was told what only a worker may ask of Kafka's own topics."""
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


async def test_what_a_migrations_user_lacks_is_told_of_a_migration_alone() -> None:
    """The doctor told of what others need, and not of what this user lacks."""
    (found,) = await looked(without(OF[Part.MIGRATION], RAW, Operation.ALTER))
    assert found.what == f"not allowed on the topic {RAW}: Alter; migration needs it, whose user this seems to be"
    command, _ = found.remedies
    assert command.endswith(f"--topic {RAW} --operation Alter")


async def test_a_user_for_everything_that_may_migrate_as_well_lacks_nothing() -> None:
    (found,) = await looked([*everything(), *OF[Part.MIGRATION]])
    assert found.state is State.OK


async def test_of_a_user_for_everything_each_part_that_lacks_something_is_named() -> None:
    given = without(everything(), RAW, Operation.WRITE)
    (found,) = await looked(given)
    assert found.state is State.WRONG
    assert found.what == f"not allowed on the topic {RAW}: Write; ingress and publisher need it"
    assert "--part" in found.remedies[-1]


async def test_a_user_for_everything_that_may_not_join_the_group_is_wrong_though_it_does_for_an_ingress() -> None:
    """This user may do more than any part needs that lacks nothing."""
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
