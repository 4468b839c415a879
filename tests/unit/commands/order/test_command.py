"""`bridge order` against a worker on loopback that answers by a script."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import unused_port

from tests.unit.commands.conftest import Run
from tests.unit.commands.messages import messages_of
from tests.unit.commands.served import served

EXAMPLE = Path(__file__).parents[4] / "schemas" / "examples" / "order-state.json"
STATE: dict[str, Any] = json.loads(EXAMPLE.read_text()) | {
    "order_id": "a/b",
    "status": "cancelled",
    "provisional": True,
    "missing": ["order.opened"],
    "timeline": [
        {
            "event": "order.created",
            "key": "a",
            "published_at": "2026-01-01T00:00:00Z",
            "received_at": "2026-01-02T00:00:09.000Z",
            "source": "1:4",
        },
        {
            "event": "order.cancelled",
            "key": "a",
            "published_at": "2026-01-01T00:00:05Z",
            "received_at": "2026-01-02T00:00:01.000Z",
            "source": "1:2",
        },
    ],
}


class Worker:
    """Knows one order. `status` replaces every answer's status; `asked`: paths and keys of requests."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.state = STATE
        self.unknown = {"title": "Unknown order"}
        self.asked: list[tuple[str, str | None]] = []
        self.url: str
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                worker.asked.append((self.path, self.headers["Authorization"]))
                known = self.path == "/orders/a%2Fb"
                self.send_response(worker.status or (200 if known else 404))
                self.send_header("Content-Type", "application/json")
                self.send_header("Retry-After", "7")
                self.end_headers()
                self.wfile.write(json.dumps(worker.state if known else worker.unknown).encode())

        self.handler = Handler


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that runs for the test."""
    worker = Worker()
    with served(worker.handler) as worker.url:
        yield worker


def events(text: str) -> list[str]:
    return [word for line in text.splitlines() for word in line.split()[:1] if word.startswith("order.")]


def test_the_order_is_asked_for_with_the_first_key_and_its_id_escaped(bridge: Run, worker: Worker) -> None:
    bridge("order", "a/b", worker_url=worker.url, worker_api_keys="first,second")
    assert worker.asked == [("/orders/a%2Fb", "Bearer first")]


def test_without_a_key_none_is_sent(bridge: Run, worker: Worker) -> None:
    bridge("order", "a/b", worker_url=worker.url)
    assert worker.asked == [("/orders/a%2Fb", None)]


def test_the_timeline_is_shown_as_it_happened(bridge: Run, worker: Worker) -> None:
    result = bridge("order", "a/b", worker_url=worker.url)
    assert result.exit_code == 0
    assert events(result.stdout) == ["order.created", "order.cancelled"]
    assert result.stdout.startswith("Provisional: order.opened has not arrived · so far cancelled · fulfilled 1/1 · ")


def test_the_timeline_is_shown_as_it_arrived(bridge: Run, worker: Worker) -> None:
    result = bridge("order", "a/b", "--arrival", worker_url=worker.url)
    assert events(result.stdout) == ["order.cancelled", "order.created"]


def test_json_is_the_document_itself(bridge: Run, worker: Worker) -> None:
    result = bridge("order", "a/b", "-o", "json", worker_url=worker.url)
    assert json.loads(result.stdout) == STATE


def test_a_document_that_the_view_cannot_read_is_exit_2_and_there_in_json(bridge: Run, worker: Worker) -> None:
    worker.state = STATE | {"payment_sums": {"\x1b[2J": {"captured": 1.5}}}
    result = bridge("order", "a/b", worker_url=worker.url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert r"cannot show the order (payment_sums.\x1b[2J.authorized: Field required)" in result.stderr
    assert json.loads(bridge("order", "a/b", "-o", "json", worker_url=worker.url).stdout) == worker.state


def test_an_unknown_order_is_exit_1(bridge: Run, worker: Worker) -> None:
    result = bridge("order", "nope", worker_url=worker.url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert messages_of(result.stderr) == [
        "No event of order nope has been seen.",
        "hint: `bridge explain nope` looks for it by its external id, too.",
    ]


def test_an_order_that_is_gone_is_not_called_unseen(bridge: Run, worker: Worker) -> None:
    worker.unknown = {"title": "Unknown order", "detail": "it was erased at 2026-01-01T00:00:00.000Z"}
    result = bridge("order", "gone", worker_url=worker.url)
    assert (result.exit_code, messages_of(result.stderr)) == (
        1,
        ["Order gone: it was erased at 2026-01-01T00:00:00.000Z."],
    )


def test_a_404_of_what_is_no_worker_is_no_answer(bridge: Run, worker: Worker) -> None:
    worker.unknown = {"title": "Not Found"}
    result = bridge("order", "nope", worker_url=worker.url)
    assert result.exit_code == 2
    assert "is no worker of the bridge: set BRIDGE_WORKER_URL" in result.stderr


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "BRIDGE_WORKER_API_KEYS"),
        (421, "ask by its address"),
        (503, "ask again in 7 s"),
        (500, "answered 500"),
    ],
)
def test_a_worker_that_gives_no_answer_is_exit_2(bridge: Run, worker: Worker, status: int, said: str) -> None:
    worker.status = status
    result = bridge("order", "a/b", worker_url=worker.url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_no_worker_is_exit_2(bridge: Run) -> None:
    gone = f"http://127.0.0.1:{unused_port()}"
    result = bridge("order", "a/b", worker_url=gone)
    assert result.exit_code == 2
    assert f"No worker answers at {gone}" in result.stderr


def test_an_empty_id_is_wrong_use(bridge: Run) -> None:
    for arguments in (("order", ""), ("gaps", "ack", "", "order.opened", "--reason", "why")):
        result = bridge(*arguments)
        assert (result.exit_code, "the id is empty" in result.stderr) == (2, True)
    for name, said in (("", "the id is empty"), ("\udcff", "it is no UTF-8")):
        for given in (("gaps", "ack", "SO-7", name, "--reason", "why"), ("tail", "orders", "--order", name)):
            result = bridge(*given)
            assert (result.exit_code, said in result.stderr) == (2, True)
