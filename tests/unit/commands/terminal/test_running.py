"""What is said before a command begins."""

import asyncio
import logging
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import typer
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    NodeNotReadyError,
    SaslAuthenticationFailed,
    UnknownTopicOrPartitionError,
)

from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.settings import Settings
from commands.terminal import outages, running
from commands.terminal.first_contact import Contact
from commands.terminal.running import PartlySilent, keep_quiet, require_topics, run


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


@pytest.mark.parametrize("error", [KafkaTimeoutError(), NodeNotReadyError(), TimeoutError()])
@pytest.mark.parametrize(
    ("contact", "said"),
    [
        (Contact(True, ["kafka-1:9092"]), "No answer from kafka-1:9092, though another one answers"),
        (Contact(True), "A broker does not answer"),
        (Contact(), "A broker does not answer"),
    ],
)
def test_of_a_part_of_kafka_that_is_silent_it_is_not_said_that_none_is_there(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    contact: Contact,
    said: str,
) -> None:
    async def fails() -> None:
        raise error

    monkeypatch.setattr(running, "waiting_for_kafka", lambda _: nullcontext(contact))
    with pytest.raises(typer.Exit) as ended:
        run(Settings(tenant="acme"), fails())
    told = capsys.readouterr().err
    assert (ended.value.exit_code, said in told) == (2, True)
    assert "bridge doctor" in told


@pytest.mark.parametrize(
    ("logged", "said"),
    [
        ("Unable to update metadata from [1]", "A broker does not answer"),
        ("Topic newstore.raw.v1 not found in cluster metadata", "Kafka says UNKNOWN_TOPIC_OR_PARTITION"),
    ],
)
def test_a_frozen_broker_is_not_told_as_a_missing_topic(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], logged: str, said: str
) -> None:
    """A producer that hears nothing of its topic raises that there is none: only its log has why."""

    async def fails() -> None:
        logging.getLogger("aiokafka").error(logged)
        raise UnknownTopicOrPartitionError

    monkeypatch.setattr(running, "waiting_for_kafka", lambda _: nullcontext(Contact(True)))
    with pytest.raises(typer.Exit):
        run(Settings(tenant="acme"), fails())
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert f"({logged})" in told


async def test_a_login_that_a_broker_refuses_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails() -> None:
        raise KafkaConnectionError("no") from SaslAuthenticationFailed("Invalid username or password")

    monkeypatch.setattr(running, "waiting_for_kafka", lambda _: nullcontext(Contact(True, ["kafka-1:9092"])))
    settings = Settings(tenant="acme")
    with pytest.raises(PartlySilent) as refused:
        await running._attended(settings, fails())
    assert "check BRIDGE_KAFKA_SASL_USERNAME" in in_words(refused.value, settings)


async def test_an_outage_in_the_middle_of_any_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `tail` said so: `quarantine list` stood still at the records it had read, without a word."""
    told = asyncio.get_running_loop().create_future()

    async def answers(_settings: Settings) -> bool:
        return False

    monkeypatch.setattr(running, "waiting_for_kafka", lambda _: nullcontext(Contact(True)))
    monkeypatch.setattr(outages, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(outages, "answers", answers)
    monkeypatch.setattr(outages, "say", told.set_result)

    async def stands_still() -> str:
        async with asyncio.timeout(5):
            return str(await told)

    said = await running._attended(Settings(tenant="acme"), stands_still())
    assert "no answer from 127.0.0.1:9092 any more; still waiting" in said


def test_of_what_is_shared_with_services_only_warnings_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Lines of the worker's log stood between a migration's steps, on stdout."""
    log = get_logger("shared")

    async def logs() -> None:
        log.info("news")
        log.warning("a warning")

    monkeypatch.setattr(running, "_attended", lambda _settings, task: task)
    run(Settings(tenant="acme"), logs())
    (warning,) = caplog.messages
    assert ("a warning" in warning, capsys.readouterr().out) == (True, "")
    assert warning.endswith(" a warning  (shared)")
    log.info("news")  # later tests in this process, as of a service, have logging as it was
    assert "news" in capsys.readouterr().out


def test_a_traceback_shows_nothing_of_what_variables_hold(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Within a migration, variables hold orders, with their customers."""

    async def logs() -> None:
        customer = "jane" + "@example.com"
        try:
            int(customer[:4])
        except ValueError as error:
            get_logger("shared").error("it failed", exc_info=error)

    monkeypatch.setattr(running, "_attended", lambda _settings, task: task)
    run(Settings(tenant="acme"), logs())
    (told,) = caplog.messages
    assert "ValueError: invalid literal" in told
    assert "jane@example.com" not in told
