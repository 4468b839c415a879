"""What lies between the topics as they are and as they must be. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.topics.spec import TopicSpec

_NOT_CHANGED: Final = "`bridge topics apply` does not change that."


@dataclass(frozen=True, slots=True)
class TopicState:
    """What the broker says of one topic; `replication` is that of its least replicated partition."""

    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """One configuration entry to set; `actual` is None where the broker does not know the entry."""

    topic: str
    name: str
    actual: str | None
    wanted: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`create` and `alter` are what `apply` does; `refused` says what it never does, one sentence each."""

    create: tuple[TopicSpec, ...]
    alter: tuple[ConfigChange, ...]
    refused: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each thing that is not as it must be."""
        missing = (f"{spec.name} does not exist." for spec in self.create)
        differing = (f"{c.topic} has {c.name} = {c.actual}, not {c.wanted}." for c in self.alter)
        return (*missing, *differing, *self.refused)


def difference(specs: Iterable[TopicSpec], states: Mapping[str, TopicState]) -> Plan:
    """Compare; a topic that is absent from `states` does not exist."""
    wanted = tuple(specs)
    existing = [(spec, states[spec.name]) for spec in wanted if spec.name in states]
    return Plan(
        create=tuple(spec for spec in wanted if spec.name not in states),
        alter=tuple(change for spec, state in existing for change in _config_changes(spec, state)),
        refused=tuple(sentence for spec, state in existing for sentence in _refused(spec, state)),
    )


def _config_changes(spec: TopicSpec, state: TopicState) -> Iterable[ConfigChange]:
    for name, wanted in spec.config.items():
        actual = state.config.get(name)
        if actual is None or _members(actual) != _members(wanted):
            yield ConfigChange(spec.name, name, actual, wanted)


def _members(value: str) -> frozenset[str]:
    # The broker may give `delete,compact` for `compact,delete`.
    return frozenset(part.strip() for part in value.split(","))


def _refused(spec: TopicSpec, state: TopicState) -> Iterable[str]:
    # More partitions would send a key elsewhere than its history lies; more replicas need a plan of brokers.
    if state.partitions != spec.partitions:
        yield f"{spec.name} has {state.partitions} partitions, not {spec.partitions}: {_NOT_CHANGED}"
    if state.replication < spec.replication:
        yield f"{spec.name} has {state.replication} replicas, not {spec.replication}: {_NOT_CHANGED}"
