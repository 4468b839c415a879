"""What `topics apply` does about what a broker shows of a new topic. The broker is a dictionary."""

import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import pytest

from bridge.settings import Settings
from bridge.topics import ConfigChange, TopicSpec, TopicsPlan, TopicState, apply, difference, specs

module = sys.modules[apply.__module__]


class Broker:
    """Its own `log.segment.bytes` applies to topics that have none."""

    def __init__(self, settings: Settings, segment_bytes: int) -> None:
        self._specs, self._default = specs(settings), {"segment.bytes": str(segment_bytes)}
        self.topics: dict[str, TopicState] = {}

    async def plan(self, *_: object) -> TopicsPlan:
        return difference(self._specs, self.topics)

    async def create(self, _admin: object, made: Sequence[TopicSpec], _tolerated: object) -> list[ConfigChange]:
        for each in made:
            self.topics[each.name] = TopicState(each.partitions, each.replication, {**self._default, **each.config})
        return []

    async def set(self, _settings: Settings, changes: Iterable[ConfigChange]) -> tuple[()]:
        for each in changes:
            state = self.topics[each.topic]
            config = {**state.config, each.name: each.wanted}
            self.topics[each.topic] = TopicState(state.partitions, state.replication, config)
        return ()


@pytest.mark.parametrize(("default", "becomes"), [(1 << 20, "8388608"), (1 << 30, str(1 << 30))])
async def test_topics_are_made_on_a_broker_whose_own_segments_are_too_small(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, default: int, becomes: str
) -> None:
    """`apply` waited for 30 s and refused what it had made. Only a second run put it right."""
    broker = Broker(settings, default)

    @asynccontextmanager
    async def admin(_settings: Settings) -> AsyncIterator[None]:
        yield None

    fakes = {"admin_client": admin, "_create": broker.create, "_set": broker.set, "plan_with": broker.plan}
    for name, fake in fakes.items():
        monkeypatch.setattr(module, name, fake)
    monkeypatch.setattr(module, "_VISIBLE_WITHIN_S", 0.3)
    assert await apply(settings, await broker.plan()) == ()
    assert (await broker.plan()).problems == ()
    assert {state.config["segment.bytes"] for state in broker.topics.values()} == {becomes}
