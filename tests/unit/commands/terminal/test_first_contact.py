"""What a command says while nobody answers it."""

import asyncio
import socket
import sys
from collections.abc import Iterator

import pytest
from aiokafka.conn import AIOKafkaConnection

from bridge.settings import Settings
from commands.terminal import first_contact
from commands.terminal.first_contact import connecting_to, waiting_for, waiting_for_kafka
from tests.unit.commands.conftest import Run
from tests.unit.commands.messages import messages_of

pytestmark = pytest.mark.thorough  # it has sockets, and waits

NOTHING = "no answer from {} within 0.1 s; still waiting\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_contact, "AT_ONCE_S", 0.02)
    monkeypatch.setattr(first_contact, "PATIENCE_S", 0.1)


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes connections, as a frozen process does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


async def until_told(capsys: pytest.CaptureFixture[str]) -> str:
    told = ""
    while "within" not in told:
        await asyncio.sleep(0.01)
        told += capsys.readouterr().err
    return told


async def test_that_nothing_comes_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    async with waiting_for("kafka:9092"):
        assert await until_told(capsys) == NOTHING.format("kafka:9092")
    assert capsys.readouterr().err == ""


async def test_at_a_terminal_it_says_first_to_whom_it_connects(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    async with waiting_for("kafka:9092"):
        first, second = (await until_told(capsys)).splitlines()
    assert first == "connecting to kafka:9092 …"
    assert "no answer" in second


async def test_who_tells_of_silence_by_itself_only_says_to_whom_it_connects(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    told = ""
    async with connecting_to("http://i, kafka:9092"):
        while not told:
            await asyncio.sleep(0.01)
            told = capsys.readouterr().err
    assert told == "connecting to http://i, kafka:9092 …\n"


async def test_an_answer_needs_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    async with waiting_for("kafka:9092") as heard:
        heard.set()
        await asyncio.sleep(0.15)
    assert capsys.readouterr().err == ""


async def test_a_frozen_kafka_is_noticed_by_a_client_of_its_own(
    silent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(tenant="acme", kafka_bootstrap_servers=silent)
    async with waiting_for_kafka(settings) as contact:
        told = await until_told(capsys)
    assert not contact.answers
    assert told.startswith(NOTHING.format(silent).strip())
    assert "bridge doctor" in told


async def test_a_frozen_broker_is_named_though_another_one_answers(
    silent: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may ask the silent one first, and wait for it without a word."""

    async def connect(connection: AIOKafkaConnection) -> bool:
        return connection.port == 1 or await asyncio.Event().wait()

    monkeypatch.setattr(AIOKafkaConnection, "connect", connect)
    settings = Settings.model_validate({"tenant": "acme", "kafka_bootstrap_servers": f"{silent},127.0.0.1:1"})
    async with waiting_for_kafka(settings) as contact:
        told = await until_told(capsys)
    assert (contact.answers, contact.silent) == (True, [silent])
    assert told.startswith(f"no answer from {silent} within 0.1 s, which makes this slow")


def test_a_worker_that_says_nothing(bridge: Run, silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.terminal.worker._ANSWER_WITHIN_S", 0.3)
    result = bridge("order", "o1", worker_url=f"http://{silent}")
    first, last = result.stderr.splitlines()
    assert first == NOTHING.format(f"http://{silent}").strip()
    assert "No worker answers" in last
    assert "it takes connections" in last
    assert "restart it if it is frozen" in last


def test_what_ends_before_says_nothing_more(bridge: Run) -> None:
    """A broker that is not there refuses at once."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        result = bridge("topics", "check", kafka_bootstrap_servers=f"127.0.0.1:{nobody.getsockname()[1]}")
    (line,) = messages_of(result.stderr)
    assert "No Kafka answers" in line
