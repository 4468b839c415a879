"""`bridge simulate` as a user runs it, against a receiver on loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from aiohttp.test_utils import unused_port

from schemas.events import EVENT_NAMES
from tests.unit.commands.conftest import Run
from tests.unit.commands.messages import messages_of
from tests.unit.commands.served import served

pytestmark = pytest.mark.thorough


@contextmanager
def receiver(answer: Callable[[bytes], int]) -> Iterator[str]:
    """Answers each body with a status code."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.send_response(answer(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_header("Content-Length", "0")
            self.end_headers()

    with served(Handler) as url:
        yield f"{url}/"


@pytest.fixture
def arrived() -> list[bytes]:
    return []


@pytest.fixture
def accepting(arrived: list[bytes]) -> Iterator[str]:
    def answer(body: bytes) -> int:
        arrived.append(body)
        return 200

    with receiver(answer) as url:
        yield url


def test_the_report_counts_what_arrived_and_says_the_verdict(bridge: Run, accepting: str, arrived: list[bytes]) -> None:
    result = bridge("simulate", "--url", accepting, "--orders", "5", "--seed", "1", "-o", "json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["deliveries"] == report["accepted"] == len(arrived) == sum(report["expected"].values())
    assert sum(report["events"].values()) == len(arrived)
    assert set(report["events"]) <= set(EVENT_NAMES)
    assert (report["seed"], report["undelivered"], report["answers"]) == (1, 0, {"200": len(arrived)})
    assert report["verdict"].startswith("NewStore would have delivered all")


def test_the_same_seed_sends_the_same_bytes_however_many_calls_go_out_at_once(
    bridge: Run, accepting: str, arrived: list[bytes]
) -> None:
    for concurrency in ("1", "16"):
        bridge("simulate", "--url", accepting, "--orders", "3", "--seed", "1", "--concurrency", concurrency)
    half = len(arrived) // 2
    assert sorted(arrived[:half]) == sorted(arrived[half:])


def test_it_sends_to_the_ingress_of_the_settings(bridge: Run) -> None:
    """Deliveries went to this machine, whatever BRIDGE_INGRESS_URL said."""
    nobody = f"http://127.0.0.1:{unused_port()}"
    result = bridge("simulate", "--orders", "1", ingress_url=f"{nobody}/")
    assert (result.exit_code, f"Nothing listens at {nobody}/webhooks/newstore: " in result.stderr) == (2, True)


def test_what_is_rejected_is_undelivered_and_the_verdict_says_so(bridge: Run) -> None:
    with receiver(lambda _: 400) as url:
        result = bridge("simulate", "--url", url, "--orders", "10", "--seed", "1")
    assert result.exit_code == 1
    assert "of which 30 fit in its list" in result.stdout


def test_with_a_duration_what_was_published_within_it_is_delivered(
    bridge: Run, accepting: str, arrived: list[bytes]
) -> None:
    result = bridge("simulate", "--url", accepting, "--duration", "500ms", "--seed", "1", "-o", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["accepted"] == len(arrived)
    assert b"order.created" in b"".join(arrived)


def test_nothing_is_published_once_the_duration_is_over(bridge: Run, accepting: str, arrived: list[bytes]) -> None:
    result = bridge("simulate", "--url", accepting, "--duration", "0s", "--orders", "5")
    assert (result.exit_code, arrived) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--start", "9999-12-31T00:00:00Z"), "is not between the years 1970 and 2999"),
        (("--start", "0001-01-01T00:00:00Z"), "is not between the years 1970 and 2999"),
        (("--disorder-window", "300000d", "--disorder", "1"), "no window may be longer than 36,500 days."),
        (("--replay", "300000d"), "no window may be longer than 36,500 days."),
    ],
)
def test_times_that_no_calendar_has_are_refused(
    bridge: Run, arrived: list[bytes], accepting: str, arguments: tuple[str, ...], said: str
) -> None:
    """The command ended in a traceback, sometimes after half of the deliveries were sent."""
    result = bridge("simulate", "--url", accepting, "--orders", "3", *arguments)
    assert (result.exit_code, arrived) == (2, [])
    assert said in " ".join(result.stderr.split())


def test_more_orders_than_anybody_could_send_are_refused(bridge: Run, arrived: list[bytes], accepting: str) -> None:
    """The command ended in a traceback."""
    result = bridge("simulate", "--url", accepting, "--orders", "9" * 13, "--replay", "6h")
    assert (result.exit_code, arrived) == (2, [])
    assert "1000000000" in result.stderr


@pytest.mark.parametrize("year", [1970, 2999])
def test_the_first_and_the_last_start_do(bridge: Run, accepting: str, year: int) -> None:
    window = ("--disorder-window", "36500d", "--disorder", "1", "--replay", "36500d")
    result = bridge("simulate", "--url", accepting, "--orders", "3", "--start", f"{year}-12-31T00:00:00Z", *window)
    assert result.exit_code == 0


def test_no_terminal_no_progress_bar(bridge: Run, accepting: str) -> None:
    result = bridge("simulate", "--url", accepting, "--orders", "2", "--seed", "1")
    assert messages_of(result.stderr) == []
