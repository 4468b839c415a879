"""`bridge gaps` against a worker on loopback."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from aiohttp.test_utils import unused_port
from aiokafka.errors import KafkaConnectionError

from bridge.printable import inert
from bridge.settings import Settings
from commands.gaps import command
from commands.gaps.view import age
from tests.terminal import HOSTILE, assert_inert
from tests.unit.commands.conftest import Run
from tests.unit.commands.gaps.worker import AS_OF, CAPTURED, CREATED, GAPS, KNOWN, Worker, gap
from tests.unit.commands.messages import messages_of
from tests.unit.commands.served import served


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    with served(worker.handler) as worker.url:
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


def test_an_order_with_several_gaps_counts_once(bridge: Run, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_PAGE", 1)
    worker.gaps = [*GAPS[1:], GAPS[0]]
    told = json.loads(bridge("gaps", "--limit", "2", "-o", "json", worker_url=worker.url).stdout)["gaps"]
    assert [each["order_id"] for each in told] == ["b/1", "b/1", "a"]


def test_what_is_no_worker_has_set_nothing_aside(bridge: Run, worker: Worker) -> None:
    worker.done = {}
    result = bridge("gaps", "ack", "b/1", CAPTURED, "--reason", "x", worker_url=worker.url)
    assert (result.exit_code, "is no worker of the bridge" in result.stderr) == (2, True)


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


@pytest.fixture(autouse=True)
def kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    async def cluster_id(_: Settings) -> str:
        return "production"

    monkeypatch.setattr(command, "cluster_id", cluster_id)


def ack(bridge: Run, worker: Worker, *arguments: str, reason: str = "lost") -> Any:
    return bridge("gaps", "ack", *arguments, "--reason", reason, worker_url=worker.url)


def test_one_gap_is_set_aside_at_once(bridge: Run, worker: Worker) -> None:
    result = ack(bridge, worker, "b/1", CREATED)
    assert (result.exit_code, result.stdout) == (0, "")
    assert (worker.aside, worker.meant) == ([("b/1", CREATED, "lost")], {"production"})


@pytest.mark.parametrize("more", [(), (CAPTURED, "--yes")])
def test_while_our_kafka_does_not_say_which_it_is_nothing_is(
    bridge: Run, worker: Worker, monkeypatch: pytest.MonkeyPatch, more: Sequence[str]
) -> None:
    """Any worker's answer was believed: another Kafka's order was changed, and the command said that ours was."""

    async def silent(_: Settings) -> str:
        raise KafkaConnectionError("no broker")

    monkeypatch.setattr(command, "cluster_id", silent)
    result = ack(bridge, worker, "b/1", CREATED, *more)
    assert (result.exit_code, result.stdout, worker.aside) == (2, "", [])
    assert messages_of(result.stderr)[0].startswith("A broker does not answer")


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
    """The only gap was set aside without a question, though somebody who names none may not know which it is."""
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
        (["unknown", "order.eaten"], "No event of order unknown has been seen."),
        (["gone"], "Order gone: it was erased at 2026-01-01T00:00:00.000Z."),
        (["gone", "order.eaten"], "Order gone: it was erased at 2026-01-01T00:00:00.000Z."),
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
