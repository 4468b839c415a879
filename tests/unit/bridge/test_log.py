import asyncio
import gc
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from aiokafka.errors import KafkaConnectionError

from bridge.log import configure_logging, get_logger
from bridge.repeat_limit import REPEATS


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


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
    logging.getLogger("aiokafka.conn").info("unimportant")
    logging.getLogger("aiokafka.conn").warning("closed %s", "connection")
    (line,) = lines(capsys)
    assert (line["message"], line["logger"]) == ("closed connection", "aiokafka.conn")


def test_exceptions_come_with_their_traceback_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    get_logger("ingress").error("unexpected error", exc_info=ValueError("why"))
    (line,) = lines(capsys)
    assert "ValueError: why" in line["exception"]


def test_repeats_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    for attempt in range(100):
        logging.getLogger("aiokafka").error("Unable connect to %s", attempt)
    assert len(lines(capsys)) == REPEATS


@pytest.mark.parametrize(("error", "logged"), [(KafkaConnectionError("lost"), 0), (ValueError("a defect"), 1)])
def test_of_futures_that_nobody_waits_for_kafkas_errors_are_left_out(
    capsys: pytest.CaptureFixture[str], error: Exception, logged: int
) -> None:
    """aiokafka fails many futures at once, and one of them was waited for."""
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
