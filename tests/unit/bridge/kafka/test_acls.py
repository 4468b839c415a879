"""ACLs per part: what is allowed to whom. Tests on real Kafka show that each is needed, and no other."""

from itertools import chain

import pytest

from bridge.kafka.acls import COORDINATION, IMPLIED, Acl, Operation, Part, Pattern, Resource, acls
from bridge.settings import Settings
from bridge.topics.spec import specs

SETTINGS = Settings(tenant="acme")


def of(part: Part, settings: Settings = SETTINGS) -> tuple[Acl, ...]:
    return acls(settings)[part]


def may(part: Part, operation: Operation, settings: Settings = SETTINGS) -> set[str]:
    """The topics on which this part may do this operation, by an ACL for it or one that implies it."""
    return {
        acl.name
        for acl in of(part, settings)
        if acl.resource is Resource.TOPIC
        and operation in acl.operations + tuple(chain(*(IMPLIED.get(each, ()) for each in acl.operations)))
    }


@pytest.mark.parametrize("part", Part)
def test_every_part_sees_every_topic_and_its_settings_and_no_other(part: Part) -> None:
    every = {spec.name for spec in specs(SETTINGS)}
    assert may(part, Operation.DESCRIBE) - set(COORDINATION) == every
    assert may(part, Operation.DESCRIBE_CONFIGS) == every


@pytest.mark.parametrize("part", Part)
def test_nothing_is_listed_twice_or_implied(part: Part) -> None:
    given = of(part)
    assert len({(acl.resource, acl.name) for acl in given}) == len(given)
    for acl in given:
        assert acl.operations
        assert not set(acl.operations) & set(chain(*(IMPLIED.get(each, ()) for each in acl.operations)))


def test_each_topic_is_written_by_those_whose_it_is() -> None:
    topics = SETTINGS.topics
    assert may(Part.INGRESS, Operation.WRITE) == {topics.raw, topics.quarantine}
    assert topics.raw not in may(Part.WORKER, Operation.WRITE)
    assert topics.rules not in may(Part.WORKER, Operation.WRITE) | may(Part.PUBLISHER, Operation.WRITE)
    assert may(Part.TOPICS, Operation.WRITE) == {topics.rules}
    assert not may(Part.READER, Operation.WRITE)
    assert [part for part in Part if topics.order_state in may(part, Operation.WRITE)] == [Part.WORKER, Part.MIGRATION]


def test_the_topic_of_lines_is_written_by_those_who_write_states_where_it_is_wanted() -> None:
    wanted, lines = Settings(tenant="acme", order_lines=True), SETTINGS.topics.order_lines
    assert [part for part in Part if lines in may(part, Operation.WRITE, wanted)] == [Part.WORKER, Part.MIGRATION]
    assert not [part for part in Part if lines in may(part, Operation.DESCRIBE)]


def test_the_ingress_reads_nothing_but_the_rules_and_has_no_transactions_and_no_group() -> None:
    assert may(Part.INGRESS, Operation.READ) == {SETTINGS.topics.rules}
    assert {acl.resource for acl in of(Part.INGRESS)} == {Resource.TOPIC}


def test_the_worker_reads_what_it_works_on_and_counts_and_nothing_that_it_only_writes() -> None:
    topics = SETTINGS.topics
    tables = {topics.dedupe_changelog, topics.orders_changelog}
    read = {topics.raw, topics.orders, topics.conflicts, topics.rules}
    assert may(Part.WORKER, Operation.READ) == read | tables


def test_topics_are_made_by_one_part_and_grown_by_one_and_where_others_own_them_by_none() -> None:
    assert [part for part in Part if may(part, Operation.CREATE)] == [Part.TOPICS]
    assert [part for part in Part if may(part, Operation.ALTER_CONFIGS)] == [Part.TOPICS]
    assert [part for part in Part if may(part, Operation.ALTER)] == [Part.MIGRATION]
    others = Settings(tenant="acme", topics_managed_by="others")
    for part in Part:
        for operation in (Operation.CREATE, Operation.ALTER_CONFIGS, Operation.ALTER):
            assert not may(part, operation, others)


def test_a_deployment_whose_prefix_begins_with_ours_is_another_ones() -> None:
    """To Kafka's prefixed patterns, dots mean nothing."""
    other = Settings(tenant="acme", topic_prefix="newstore.eu")
    names = {acl.name for part in Part for acl in of(part, other)} - set(COORDINATION)
    for part in Part:
        for acl in of(part):
            covered = {
                name
                for name in names
                if name == acl.name or (acl.pattern is Pattern.PREFIXED and name.startswith(acl.name))
            }
            assert not covered
