"""What is said before a command begins."""

import asyncio
from types import SimpleNamespace

import pytest
import typer

from bridge.settings import Settings
from commands.terminal import running
from commands.terminal.running import keep_quiet, require_topics


@pytest.mark.parametrize(
    ("managed_by", "remedy"), [("bridge", "run `bridge topics apply`"), ("others", "have the topics' owner do it")]
)
async def test_a_missing_topic_is_told_with_who_can_make_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], managed_by: str, remedy: str
) -> None:
    async def plan(_settings: Settings) -> SimpleNamespace:
        return SimpleNamespace(create=[SimpleNamespace(name="newstore.raw.v1")], refused=[])

    monkeypatch.setattr(running, "plan", plan)
    settings = Settings.model_validate({"tenant": "acme", "topics_managed_by": managed_by})
    with pytest.raises(typer.Exit):
        await require_topics(settings)
    assert f"newstore.raw.v1 does not exist: {remedy}" in capsys.readouterr().err


async def test_a_client_that_ctrl_c_gave_up_says_nothing_and_what_else_goes_wrong_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    keep_quiet()
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "Unclosed AIOKafkaConsumer", "consumer": object()})
    loop.call_exception_handler({"message": "Task was destroyed but it is pending"})
    assert caplog.messages == ["Task was destroyed but it is pending"]
