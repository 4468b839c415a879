"""Which services are asked for a picture, and when."""

import asyncio

import pytest

from commands.status import look as module
from commands.status.look import look, look_again
from commands.status.picture import KafkaSide
from commands.terminal.members import Member
from commands.terminal.services import Service
from tests.unit.commands.status.pictures import SETTINGS, picture

OURS = SETTINGS.worker_url
OTHER = "http://other:6066"


async def look_with(monkeypatch: pytest.MonkeyPatch, kafka: KafkaSide, silent: set[str] | None = None) -> list[str]:
    """Addresses of the workers shown. Kafka says nothing before our worker is asked."""
    asked = asyncio.Event()

    async def look_at(_session: object, _name: str, url: str) -> Service:
        if url == OURS:
            asked.set()
        return Service(url, silence="no answer" if url in (silent or ()) else None)

    async def ask_kafka(_settings: object, _now_ms: int) -> KafkaSide:
        await asked.wait()
        return kafka

    monkeypatch.setattr(module, "look_at", look_at)
    monkeypatch.setattr(module, "ask_kafka", ask_kafka)
    return [worker.url for worker in (await look(SETTINGS)).workers]


async def test_the_worker_of_the_settings_is_not_asked_later_because_kafka_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await look_with(monkeypatch, KafkaSide(["Kafka: no answer"])) == [OURS]


async def test_those_of_the_group_are_shown_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [Member(url, frozenset()) for url in (OTHER, OURS, OTHER, None)]
    assert await look_with(monkeypatch, KafkaSide(members=members)) == sorted([OTHER, OURS])
    assert await look_with(monkeypatch, KafkaSide(members=members[:1])) == [OTHER]


async def test_ours_is_shown_where_none_of_the_group_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = KafkaSide(members=[Member(OTHER, frozenset())])
    assert await look_with(monkeypatch, kafka, silent={OTHER}) == sorted([OTHER, OURS])


async def test_all_services_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_at(_session: object, _name: str, url: str) -> Service:
        return Service(url, ready=True)

    monkeypatch.setattr(module, "look_at", look_at)
    before = picture(ingress=Service("http://i"), workers=[Service("http://w"), Service("http://v")])
    after = await look_again(before)
    assert [each.ready for each in (after.ingress, *after.workers)] == [True] * 3
    assert [each.url for each in after.workers] == ["http://w", "http://v"]
    assert after.since is before


async def test_of_the_pictures_before_only_the_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each picture held the one before: `--watch` kept all, and took more memory with every look."""

    async def look_at(_session: object, _name: str, url: str) -> Service:
        return Service(url)

    async def ask_kafka(*_: object) -> KafkaSide:
        return KafkaSide()

    monkeypatch.setattr(module, "look_at", look_at)
    monkeypatch.setattr(module, "ask_kafka", ask_kafka)
    first = await look(SETTINGS)
    second = await look(SETTINGS, first)
    third = await look(SETTINGS, second)
    assert [each.since and each.since.at for each in (first, second, third)] == [None, first.at, second.at]
    assert third.since is not None
    assert third.since.since is None
