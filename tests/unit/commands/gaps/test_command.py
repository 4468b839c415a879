"""`bridge gaps` against a worker on loopback that knows some gaps, and takes what is set aside."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from aiohttp.test_utils import unused_port

from bridge.printable import inert
from commands.gaps import command
from commands.gaps.view import age
from tests.terminal import HOSTILE, assert_inert
from tests.unit.commands.conftest import Run
from tests.unit.commands.messages import messages_of
from tests.unit.processors.orders.facts import fact, items, state_of

AS_OF = "2026-01-10T12:00:00.000Z"
CREATED, OPENED, CAPTURED = "order.created", "order.opened", "payment_account.amount_captured"


def gap(order: str, name: str, since: str, *, to: str | None, guessed: bool = False) -> dict[str, Any]:
    kind = "stalled" if to is None else "missing"
    window = {"from": f"{since[:10]}T00:00:00.000Z", "to": to, "guessed": guessed}
    gap = {"order_id": order, "name": name, "kind": kind, "since": since, "window": window}
    return {**gap, "settled_by_exchange": ["n-1", "n-2"] if name == CAPTURED else None}


GAPS = [
    gap("a", CREATED, "2026-01-07T08:00:00.000Z", to="2026-01-07T09:00:00.000Z", guessed=True),
    gap("b/1", CAPTURED, "2026-01-10T10:58:30.000Z", to=None),
    gap("b/1", "x:7", "2026-01-10T11:58:30.000Z", to="2026-01-10T11:00:00.000Z"),
]
KNOWN: dict[str, Any] = {
    **state_of(fact("order.completed", items=items("A", status="complete"))),
    "order_id": "b/1",
    "incomplete": True,
    "stalled": [CAPTURED],
    "acknowledged": [{"name": OPENED, "reason": "x", "at": AS_OF}],
}


class Worker:
    """`asked` are queries of lists; `aside` what was set aside, and why. `status` replaces that of every answer."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.aside: list[tuple[str, str, str]] = []
        self.status: int | None = None
        self.gaps, self.state = GAPS, KNOWN
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/gaps":
                    worker.asked.append(parse_qs(parts.query))
                    self.say(200, worker.page(**{name: each for name, (each,) in parse_qs(parts.query).items()}))
                else:
                    known = parts.path == "/orders/b%2F1"
                    self.say(200 if known else 404, worker.state if known else {"title": "Unknown order"})

            def do_POST(self) -> None:
                _, _, order, _, name, _ = (unquote(part) for part in self.path.split("/"))
                reason = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["reason"]
                if len(reason) > 9:
                    return self.say(400, {"detail": "too many words"})
                if name not in worker.state["missing"] + worker.state["stalled"]:
                    return self.say(404, {"title": "No such gap"})
                worker.aside.append((order, name, reason))
                return self.say(200, {"acknowledged": []})

            def say(self, status: int, document: Any) -> None:
                self.send_response(worker.status or status)
                self.send_header("Retry-After", "7")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def page(self, limit: str, only: str = "", after: str = "0") -> dict[str, Any]:
        """Those of so many orders; `after` is how many there were before."""
        orders = list(dict.fromkeys(each["order_id"] for each in self.gaps))
        end = int(after) + int(limit)
        here = orders[int(after) : end]
        kind = {"stalled": "stalled", "incomplete": "missing"}.get(only)
        return {
            "as_of": AS_OF,
            "applied": {},
            "read_to": {},
            "gaps": [each for each in self.gaps if each["order_id"] in here and kind in {None, each["kind"]}],
            "orders": {"incomplete": 1_200, "stalled": 1},
            "window": None,
            "next": str(end) if end < len(orders) else None,
        }

    def __enter__(self) -> "Worker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def test_gaps_are_listed_with_their_age_and_what_they_come_to(bridge: Run, worker: Worker) -> None:
    result = bridge("gaps", worker_url=worker.url)
    assert result.exit_code == 1
    head, *rows = [[part.strip() for part in line.split("  ") if part.strip()] for line in result.stdout.splitlines()]
    assert head == ["age", "order", "waits for", "kind", "since", "published from", "to"]
    assert rows[0] == ["3 d 4 h", "a", CREATED, "missing", "2026-01-07 08:00", "2026-01-07 00:00 ?", "2026-01-07 09:00"]
    assert rows[1][:4] == ["1 h 1 min", "b/1", f"{CAPTURED} (exchanged: n-1, n-2)", "stalled"]
    assert rows[1][-1] == "now"
    counted, window = messages_of(result.stderr)
    assert counted == "3 gaps of 2 orders. 1,200 orders are incomplete, 1 stalled."
    told, doubt = window.split("; ")
    assert told == "What these wait for was published from 2026-01-07 00:00 to 2026-01-10 12:00 UTC"
    assert doubt == "some may be older, for nothing says when their order began."


def test_json_has_all_of_it(bridge: Run, worker: Worker) -> None:
    result = bridge("gaps", "-o", "json", worker_url=worker.url)
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "as_of": AS_OF,
        "gaps": GAPS,
        "orders": {"incomplete": 1_200, "stalled": 1},
        "window": {"from": "2026-01-07T00:00:00.000Z", "to": AS_OF, "guessed": True},
        "is_all": True,
    }


@pytest.mark.parametrize(
    ("option", "only", "names"), [("--stalled", "stalled", [CAPTURED]), ("--missing", "incomplete", [CREATED, "x:7"])]
)
def test_one_kind_can_be_asked_for(bridge: Run, worker: Worker, option: str, only: str, names: list[str]) -> None:
    result = bridge("gaps", option, "-o", "json", worker_url=worker.url)
    assert [each["name"] for each in json.loads(result.stdout)["gaps"]] == names
    assert worker.asked[0]["only"] == [only]


def test_pages_are_asked_for_until_there_are_enough_orders(
    bridge: Run, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_PAGE", 1)
    assert json.loads(bridge("gaps", "-o", "json", worker_url=worker.url).stdout)["gaps"] == GAPS
    assert worker.asked == [{"limit": ["1"]}, {"limit": ["1"], "after": ["1"]}]
    few = bridge("gaps", "--limit", "1", worker_url=worker.url)
    counted, window = messages_of(few.stderr)
    assert counted.startswith("1 gaps of 1 orders, the oldest: there are more. ")
    for output in ("name", "jsonl"):
        again = bridge("gaps", "--limit", "1", "-o", output, worker_url=worker.url)
        assert messages_of(again.stderr) == [counted, window]
        assert messages_of(bridge("gaps", "-o", output, worker_url=worker.url).stderr) == []


def test_without_gaps_it_is_exit_0(bridge: Run, worker: Worker) -> None:
    worker.gaps = []
    result = bridge("gaps", worker_url=worker.url)
    assert (result.exit_code, result.stdout) == (0, "")
    assert messages_of(result.stderr) == ["No gaps. 1,200 orders are incomplete, 1 stalled."]
    assert json.loads(bridge("gaps", "-o", "json", worker_url=worker.url).stdout)["window"] is None


@pytest.mark.parametrize(
    ("status", "said"), [(401, "BRIDGE_WORKER_API_KEYS"), (503, "ask again in 7 s"), (500, "answered 500")]
)
@pytest.mark.parametrize("arguments", [["gaps"], ["gaps", "ack", "b/1", CREATED, "--reason", "x"]])
def test_a_worker_that_gives_no_answer_is_exit_2(
    bridge: Run, worker: Worker, status: int, said: str, arguments: list[str]
) -> None:
    worker.status = status
    result = bridge(*arguments, worker_url=worker.url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_no_worker_and_wrong_use_are_exit_2(bridge: Run, worker: Worker) -> None:
    assert bridge("gaps", worker_url=f"http://127.0.0.1:{unused_port()}").exit_code == 2
    assert bridge("gaps", "--stalled", "--missing", worker_url=worker.url).exit_code == 2
    assert bridge("gaps", "--limit", "0", worker_url=worker.url).exit_code == 2
    without_reason = bridge("gaps", "ack", "b/1", CREATED, worker_url=worker.url)
    assert (without_reason.exit_code, "--reason" in without_reason.stderr) == (2, True)
    worker.gaps = [{"order_id": "a"}]
    assert bridge("gaps", worker_url=worker.url).exit_code == 2


def ack(bridge: Run, worker: Worker, *arguments: str, reason: str = "lost") -> Any:
    return bridge("gaps", "ack", *arguments, "--reason", reason, worker_url=worker.url)


def test_one_gap_is_set_aside_at_once(bridge: Run, worker: Worker) -> None:
    result = ack(bridge, worker, "b/1", CREATED)
    assert (result.exit_code, result.stdout) == (0, "")
    assert worker.aside == [("b/1", CREATED, "lost")]


def test_several_are_shown_first_and_need_a_yes(bridge: Run, worker: Worker) -> None:
    result = ack(bridge, worker, "b/1", CREATED, CAPTURED)
    assert (result.exit_code, worker.aside) == (2, [])
    assert "needs --yes" in result.stderr
    assert ack(bridge, worker, "b/1", CREATED, CAPTURED, "--yes").exit_code == 0
    assert [name for _, name, _ in worker.aside] == [CREATED, CAPTURED]


def test_without_names_it_is_all_that_is_an_alarm_and_not_set_aside(bridge: Run, worker: Worker) -> None:
    assert ack(bridge, worker, "b/1", "--yes").exit_code == 0
    assert [name for _, name, _ in worker.aside] == [CREATED, CAPTURED]
    worker.state = {**KNOWN, "incomplete": False}
    assert ack(bridge, worker, "b/1", "--yes").exit_code == 0
    assert worker.aside[2:] == [("b/1", CAPTURED, "lost")]
    worker.state = {**KNOWN, "incomplete": False, "stalled": []}
    result = ack(bridge, worker, "b/1")
    assert (result.exit_code, messages_of(result.stderr)) == (2, ["Order b/1 is neither incomplete nor stalled."])


def test_what_nobody_has_named_needs_a_yes_also_where_it_is_one(bridge: Run, worker: Worker) -> None:
    """The only one was set aside without a question: who gives no name may not know which that is."""
    worker.state = {**KNOWN, "incomplete": False}
    result = ack(bridge, worker, "b/1")
    assert (result.exit_code, worker.aside) == (2, [])
    assert CAPTURED in result.stderr
    assert "needs --yes" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["b/1", "order.eaten"], "Order b/1 waits for no order.eaten."),
        (["b/1", CREATED, "order.eaten"], "Order b/1 waits for no order.eaten."),
        (["unknown"], "No event of order unknown has been seen."),
    ],
)
def test_what_is_no_gap_is_exit_2_and_nothing_is_done(
    bridge: Run, worker: Worker, arguments: list[str], said: str
) -> None:
    result = ack(bridge, worker, *arguments)
    assert (result.exit_code, messages_of(result.stderr), worker.aside) == (2, [said], [])


def test_a_reason_that_is_refused_is_exit_2(bridge: Run, worker: Worker) -> None:
    result = ack(bridge, worker, "b/1", CREATED, reason="far too many words")
    assert (result.exit_code, "too many words" in result.stderr, worker.aside) == (2, True, [])


def test_what_commands_a_terminal_is_inert(bridge: Run, worker: Worker) -> None:
    hostile = HOSTILE.replace("\ud800", "")
    worker.gaps = [gap(hostile, hostile, "2026-01-07T08:00:00.000Z", to=None)]
    result = bridge("gaps", worker_url=worker.url)
    assert result.exit_code == 1
    assert inert(hostile)[:20] in result.stdout  # the rest of it on further lines
    assert_inert(result.output)
    worker.state = {**KNOWN, "missing": [hostile], "stalled": []}
    assert_inert(ack(bridge, worker, "b/1", hostile).output)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2026-01-10T12:00:00.000Z", "0 min"),
        ("2026-01-10T12:30:00.000Z", "0 min"),
        ("2026-01-10T11:00:01.000Z", "59 min"),
        ("2026-01-10T10:30:00.000Z", "1 h 30 min"),
        ("2026-01-08T11:00:00.000Z", "2 d 1 h"),
    ],
)
def test_an_age_has_its_two_largest_units(since: str, said: str) -> None:
    assert age(since, AS_OF) == said
