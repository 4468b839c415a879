"""Recorded rules are waited for until they can be read."""

from typing import Any, Self

import pytest
from aiokafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError

from bridge.refusals import RulesNotRecorded
from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from commands.topics import readable
from commands.topics.readable import wait_until_readable

SETTINGS = Settings(tenant="acme")
RECORDED = Recorded.first(rules_of(SETTINGS))


class Reader:
    """Gives these answers, the last one again and again."""

    def __init__(self, *answers: Any) -> None:
        self._answers = [*answers]

    def __call__(self, _settings: Settings) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self) -> Recorded | None:
        """The next answer."""
        answer: Recorded | Exception | None = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_it_is_asked_again_where_there_is_no_answer_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "_PAUSE_S", 0)
    monkeypatch.setattr(readable, "RulesReader", Reader(KafkaTimeoutError(), None, KafkaTimeoutError(), RECORDED))
    await wait_until_readable(SETTINGS, RECORDED)


@pytest.mark.parametrize("answer", [None, KafkaTimeoutError()])
async def test_in_the_end_it_is_told_that_nobody_can_read_it(
    monkeypatch: pytest.MonkeyPatch, answer: Exception | None
) -> None:
    monkeypatch.setattr(readable, "PATIENCE_S", 0.01)
    monkeypatch.setattr(readable, "RulesReader", Reader(answer))
    with pytest.raises(RulesNotRecorded, match="run this again"):
        await wait_until_readable(SETTINGS, RECORDED)


async def test_a_refusal_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "RulesReader", Reader(TopicAuthorizationFailedError()))
    with pytest.raises(TopicAuthorizationFailedError):
        await wait_until_readable(SETTINGS, RECORDED)
