import asyncio
import gc
import json
import logging
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
import structlog
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import SaslAuthenticateRequest

from bridge.log import audit, begin_logging, configure_logging, get_logger
from bridge.repeat_limit import BURST, REPEATS
from bridge.settings import Settings


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_each_line_is_a_json_object_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    get_logger("ingress").info("listening", port=8080, path=object)
    (line,) = lines(capsys)
    assert (line["message"], line["level"], line["logger"], line["port"]) == ("listening", "info", "ingress", 8080)
    assert line["timestamp"].endswith("Z")


def test_libraries_are_logged_in_the_same_form_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    logging.getLogger("aiohttp.server").info("unimportant")
    logging.getLogger("aiohttp.server").warning("closed %s", "connection")
    (line,) = lines(capsys)
    assert (line["message"], line["logger"]) == ("closed connection", "aiohttp.server")


@pytest.mark.parametrize(
    ("error", "logged"),
    [(None, 0), (KafkaConnectionError("lost"), 0), (ConnectionResetError("gone"), 0), (KeyError("a defect"), 1)],
)
def test_of_aiokafka_only_what_nobody_expects_is_logged(
    capsys: pytest.CaptureFixture[str], error: Exception | None, logged: int
) -> None:
    """When brokers are away, the bridge says so once, in words."""
    configure_logging()
    logging.getLogger("aiokafka.conn").error("Unable connect to node %s", 1, exc_info=error)
    assert len(lines(capsys)) == logged


def test_lines_that_the_bridge_tells_itself_use_up_no_others_place(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    for attempt in range(2 * BURST):
        logging.getLogger(f"aiokafka.{attempt}").error("Unable connect to node")
    get_logger("ingress").warning("Kafka is away")
    assert [line["message"] for line in lines(capsys)] == ["Kafka is away"]


def test_at_the_level_debug_the_libraries_say_all(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(least="debug")
    logging.getLogger("aiokafka.consumer.fetcher").debug("fetched")
    get_logger("ingress").debug("a detail")
    assert [line["message"] for line in lines(capsys)] == ["fetched", "a detail"]


def test_at_the_level_debug_there_is_no_password_and_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    """aiokafka logs each request, PLAIN's with user and password. botocore logs what it signs, and with what."""
    configure_logging(least="debug")
    request = SaslAuthenticateRequest(b"\0user\0a-secret").prepare({SaslAuthenticateRequest.API_KEY: (0, 1)})
    assert "a-secret" in str(request)
    logging.getLogger("aiokafka.conn").debug("Request to %s:%d %d: %s", "kafka", 9093, 1, request)
    for name in ("botocore.auth", "boto3.resources", "urllib3.connectionpool"):
        logging.getLogger(name).debug("a-secret")
        logging.getLogger(name).info("unlike this")
    assert [line["message"] for line in lines(capsys)] == ["unlike this"] * 3


def test_the_level_leaves_out_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(least="error")
    get_logger("ingress").warning("not this")
    logging.getLogger("processors.engine").warning("nor this")
    get_logger("ingress").error("this")
    assert [line["message"] for line in lines(capsys)] == ["this"]


def test_no_level_leaves_out_who_has_changed_something(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(least="error")
    audit.info("an order was erased", by="key 1")
    (line,) = lines(capsys)
    assert (line["message"], line["by"], line["level"], line["audit"]) == ("an order was erased", "key 1", "info", True)


def test_pretty_lines_are_for_terminals_unless_they_are_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for form, terminal in (("auto", False), ("auto", True), ("pretty", False), ("json", True)):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        configure_logging(form)
        get_logger("ingress").info("listening", port=8080)
        found.append(capsys.readouterr().err.startswith("{"))
    assert found == [True, False, False, True]


def test_the_first_line_says_what_runs_for_whom_and_against_which_kafka(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        tenant="acme", kafka_bootstrap_servers=("a:1", "b:2"), ingress_api_keys="a secret", log_format="json"
    )
    begin_logging("ingress", settings)
    (line,) = lines(capsys)
    said = {name: line[name] for name in ("message", "tenant", "prefix", "brokers")}
    assert said == {"message": "bridge ingress starts", "tenant": "acme", "prefix": "newstore", "brokers": "a:1, b:2"}
    assert line["version"] == version("newstore-kafka-bridge")
    assert "secret" not in str(line)


def test_events_that_nobody_knows_are_warned_of_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name switched completeness off silently."""
    begin_logging("worker", Settings(tenant="acme", events="order.creatd,order.opened", log_format="json"))
    _, line = lines(capsys)
    sentence = "BRIDGE_EVENTS: order.creatd is no event that NewStore documents; order.created is."
    assert (line["level"], line["message"]) == ("warning", sentence)


def test_however_many_these_are_they_take_no_room_from_what_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each name used up what warnings may have at once, and a handler's error was left out."""
    names = [f"invented.{number}" for number in range(2 * BURST)]
    begin_logging("worker", Settings(tenant="acme", events=",".join(names), log_format="json"))
    get_logger("worker").error("a handler failed")
    _, line, failed = lines(capsys)
    assert all(f"{name} is no event" in line["message"] for name in names)
    assert failed["message"] == "a handler failed"


def test_exceptions_come_with_their_traceback_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    get_logger("ingress").error("unexpected error", exc_info=ValueError("why"))
    (line,) = lines(capsys)
    assert "ValueError: why" in line["exception"]


def test_repeats_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    for attempt in range(100):
        logging.getLogger("faust").error("Unable connect to %s", attempt)
    assert len(lines(capsys)) == REPEATS


@pytest.mark.parametrize(("error", "logged"), [(KafkaConnectionError("lost"), 0), (ValueError("a defect"), 1)])
def test_of_futures_that_nobody_waits_for_kafkas_errors_are_left_out(
    capsys: pytest.CaptureFixture[str], error: Exception, logged: int
) -> None:
    """aiokafka fails many futures at once; only one was waited for."""
    configure_logging()

    async def leave_a_failed_future() -> None:
        asyncio.get_running_loop().create_future().set_exception(error)
        gc.collect()

    asyncio.run(leave_a_failed_future())
    assert len(lines(capsys)) == logged


def test_configuring_twice_does_not_write_twice(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    configure_logging()
    get_logger("ingress").info("once")
    assert len(lines(capsys)) == 1
