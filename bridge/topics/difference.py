"""What lies between the topics as they are and as they must be. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.topics.change import ConfigChange, members
from bridge.topics.spec import TopicSpec

NOT_CHANGED: Final = "`bridge topics apply` does not change that."
"""The end of each sentence about what it refuses."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """What the broker says of one topic; `replication` is that of its least replicated partition."""

    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicsPlan:
    """`create` and `alter` are what `apply` does; `refused` says what it never does, one sentence each.

    `tolerated`: settings that may differ; their differences are not in `alter`, unless they lose data. `cluster_id`: of
    the Kafka that was asked; None: it has none.
    """

    create: tuple[TopicSpec, ...]
    alter: tuple[ConfigChange, ...]
    refused: tuple[str, ...]
    tolerated: frozenset[str] = frozenset()
    cluster_id: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each thing that is not as it must be."""
        return (*self._missing(), *map(self._sentence, self.alter), *self.refused)

    @property
    def losses(self) -> tuple[str, ...]:
        """The problems with which no service may run: events could be lost, or there is nowhere to put them."""
        losing = (self._sentence(change) for change in self.alter if change.loses_data)
        return (*self._missing(), *losing, *self.refused)

    @property
    def harmless(self) -> tuple[ConfigChange, ...]:
        """Differences that lose no data and are not tolerated, except longer retention."""
        return tuple(change for change in self.alter if not (change.loses_data or change.only_keeps_longer))

    def _missing(self) -> Iterable[str]:
        return (f"{spec.name} does not exist." for spec in self.create)

    def _sentence(self, change: ConfigChange) -> str:
        if change.name in self.tolerated:
            return f"{change}: that loses data, so BRIDGE_TOLERATED_TOPIC_SETTINGS does not cover it."
        return f"{change}."


def difference(
    specs: Iterable[TopicSpec], states: Mapping[str, TopicState], tolerated: Iterable[str] = ()
) -> TopicsPlan:
    """Compare; a topic that is absent from `states` does not exist."""
    wanted, may_differ = tuple(specs), frozenset(tolerated)
    existing = [(spec, states[spec.name]) for spec in wanted if spec.name in states]
    changes = (change for spec, state in existing for change in _config_changes(spec, state))
    return TopicsPlan(
        create=tuple(spec for spec in wanted if spec.name not in states),
        alter=tuple(change for change in changes if change.loses_data or change.name not in may_differ),
        refused=tuple(sentence for spec, state in existing for sentence in _refused(spec, state)),
        tolerated=may_differ,
    )


def _config_changes(spec: TopicSpec, state: TopicState) -> Iterable[ConfigChange]:
    for name, wanted in spec.config.items():
        actual = state.config.get(name)
        if actual is None or members(actual) != members(wanted):
            yield ConfigChange(spec.name, name, actual, wanted)
    # The operator's own entry, unless Kafka would refuse what the topic must take: a batch is in one segment.
    segment, largest = state.config.get("segment.bytes"), spec.config.get("max.message.bytes")
    if segment is not None and largest is not None and int(segment) < int(largest):
        yield ConfigChange(spec.name, "segment.bytes", segment, largest)


def _refused(spec: TopicSpec, state: TopicState) -> Iterable[str]:
    # With more partitions, a key would go elsewhere than its history lies; more replicas need a plan of brokers.
    if state.partitions != spec.partitions:
        yield f"{spec.name} has {state.partitions} partitions, not {spec.partitions}: {NOT_CHANGED}"
    if state.replication < spec.replication:
        yield f"{spec.name} has {state.replication} replicas, not {spec.replication}: {NOT_CHANGED}"
