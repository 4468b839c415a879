"""What each part of the bridge must be allowed on a Kafka with ACLs, and nothing more.

What Kafka derives from another operation is left out: READ, WRITE and ALTER include DESCRIBE, and ALTER_CONFIGS
includes DESCRIBE_CONFIGS. Names are literal where they are known: the prefix `newstore.` would also match a second
deployment called `newstore.eu`.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from bridge.kafka.transactional_ids import backfill_id, lanes_prefix, replay_id, rules_id
from bridge.settings import Settings
from bridge.topics.spec import specs

COORDINATION: Final = ("__consumer_offsets", "__transaction_state")
"""Kafka's own topics. A worker asks for their leaders, to say if a coordinator is away; it works without."""


class Part(StrEnum):
    """A part of the bridge that logs in to Kafka as a user of its own."""

    INGRESS = "ingress"
    WORKER = "worker"
    TOPICS = "topics"
    """`bridge topics plan|apply|check`."""
    READER = "reader"
    """Commands that only read, as `bridge verify`."""
    PUBLISHER = "publisher"
    """`bridge backfill`, `bridge quarantine replay`, `bridge conflicts accept`, and what a reader does."""
    MIGRATION = "migration"
    """`bridge topics migrate`: as much as all others together, so its user should exist only while it runs."""


class Resource(StrEnum):
    """A kind of resource, by Kafka's name."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTIONAL_ID = "TRANSACTIONAL_ID"


class Pattern(StrEnum):
    """Whether a name is one resource's, or the beginning of many."""

    LITERAL = "LITERAL"
    PREFIXED = "PREFIXED"


class Operation(StrEnum):
    """An operation, by Kafka's name."""

    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    ALTER = "ALTER"
    DESCRIBE = "DESCRIBE"
    ALTER_CONFIGS = "ALTER_CONFIGS"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"


READ, WRITE, CREATE, ALTER, DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS = Operation

IMPLIED: Final[Mapping[Operation, frozenset[Operation]]] = {
    **dict.fromkeys((READ, WRITE, ALTER), frozenset({DESCRIBE})),
    ALTER_CONFIGS: frozenset({DESCRIBE_CONFIGS}),
}
"""Operation -> operations that Kafka allows with it."""


class Acl(NamedTuple):
    """Operations (in `Operation`'s order) allowed on one resource, or on all whose names begin so, from every host."""

    resource: Resource
    name: str
    pattern: Pattern
    operations: tuple[Operation, ...]


def acls(settings: Settings) -> Mapping[Part, tuple[Acl, ...]]:
    """What each part needs under these settings: topics first, then the group, then transactional ids."""
    topics, group, lane = settings.topics, settings.group_id, lanes_prefix(settings)
    every = [spec.name for spec in specs(settings)]
    outputs = [*topics.cleaned.values(), *settings.state_topics, topics.conflicts, topics.quarantine]
    tables = [topics.dedupe_changelog, topics.orders_changelog]
    look: _Allowed = {DESCRIBE: every, DESCRIBE_CONFIGS: every}
    make: _Allowed = {CREATE: every, ALTER_CONFIGS: every} if settings.manages_topics else {}
    grow: _Allowed = {ALTER: every} if settings.manages_topics else {}
    write: _Allowed = {WRITE: [*outputs, *tables]}
    rules = _id(rules_id(settings))
    return {
        Part.INGRESS: tuple(_topics(look, {READ: [topics.rules], WRITE: [topics.raw, topics.quarantine]})),
        Part.WORKER: (
            # Conflicts, too: it counts those that nobody has accepted.
            *_topics(look, {READ: [topics.raw, topics.orders, topics.conflicts, topics.rules, *tables]}, write),
            *_topics({DESCRIBE: COORDINATION}),
            _group(group, READ),
            _id(lane, Pattern.PREFIXED),
        ),
        Part.TOPICS: (
            # Raw, the group and its lanes: a key rule is adopted if raw holds no event of the name, and no worker runs.
            *_topics(look, make, {READ: [topics.raw, topics.rules], WRITE: [topics.rules]}),
            _group(group, DESCRIBE),
            rules,
            _id(f"{lane}{topics.raw}-", Pattern.PREFIXED),
        ),
        Part.READER: (*_topics(look, {READ: every}), _group(group, DESCRIBE)),
        Part.PUBLISHER: (
            *_topics(look, {READ: every, WRITE: [topics.raw, topics.quarantine, topics.backfill]}),
            _group(group, DESCRIBE),
            _id(replay_id(settings)),
            _id(backfill_id(settings)),
        ),
        Part.MIGRATION: (
            *_topics(look, grow, {READ: every, WRITE: [*outputs, *tables, topics.rules]}),
            _group(group, READ),
            rules,
            _id(replay_id(settings)),
            _id(backfill_id(settings)),
            _id(lane, Pattern.PREFIXED),
        ),
    }


_Allowed = Mapping[Operation, Collection[str]]


def _topics(*allowed: _Allowed) -> Iterable[Acl]:
    """Each topic once, in the order of its first mention."""
    names = dict.fromkeys(name for each in allowed for of_one in each.values() for name in of_one)
    for name in names:
        given = {operation for each in allowed for operation, of_one in each.items() if name in of_one}
        yield Acl(Resource.TOPIC, name, Pattern.LITERAL, _least(given))


def _least(given: Collection[Operation]) -> tuple[Operation, ...]:
    implied = {operation for each in given for operation in IMPLIED.get(each, ())}
    return tuple(operation for operation in Operation if operation in given and operation not in implied)


def _group(name: str, operation: Operation) -> Acl:
    return Acl(Resource.GROUP, name, Pattern.LITERAL, (operation,))


def _id(name: str, pattern: Pattern = Pattern.LITERAL) -> Acl:
    return Acl(Resource.TRANSACTIONAL_ID, name, pattern, (WRITE,))
