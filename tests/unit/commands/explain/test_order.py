"""What is known of an order, and of an event's part in it."""

import json
from dataclasses import replace
from typing import Any

import orjson
import pytest
import typer

from bridge.kafka.partitioner import partition_for
from commands.explain import search
from commands.explain import worker as asking
from commands.explain.asked import asked
from commands.explain.command import _find, _whole
from commands.explain.order import order_ids, part_in_order, story_of
from commands.explain.search import Search
from commands.explain.sentences import of_order
from commands.explain.view import Found, document
from commands.explain.worker import Worker
from commands.terminal.typed import now_ms
from commands.terminal.worker import Reply
from processors.worker.queries.answer import problem
from schemas.headers import SOURCE
from schemas.outcome import Outcome
from tests.unit.commands.explain.cases import (
    BODY,
    HOUR_MS,
    NOBODY,
    SETTINGS,
    START_MS,
    TOPICS,
    FakeWorker,
    case_of,
    cleaned,
    raw,
)
from tests.unit.commands.record.test_shown import Read
from tests.unit.commands.verify.retention import DAY, Logs

ERASED = "it was erased at 2026-01-01T10:00:00.000Z"


async def test_the_problem_that_a_worker_answers_is_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The problem's `status`, 404, was shown as the order's."""

    async def ask(*_: Any, **__: Any) -> Reply:
        return Reply(404, json.loads(problem(404, "Unknown order", ERASED).content))

    monkeypatch.setattr(asking, "ask", ask)
    part = await part_in_order(case_of(worker=Worker(SETTINGS)), "SO-7", {"0:1"}, START_MS)
    assert (part["state"], part["why"]) == (None, ERASED)


async def test_of_an_order_that_is_gone_it_is_said_why() -> None:
    """It was said that nothing is known of the order, because a worker lists only orders with a state."""
    case = case_of(worker=FakeWorker({"SO-7": {"detail": ERASED}}))
    found, nothing = await _find(case, asked("SO-7"))
    assert nothing == ""
    assert [*of_order(found.orders[0])] == [f"Order SO-7: {ERASED}."]
    assert document(case, found)["orders"][0]["why"] == ERASED


@pytest.mark.parametrize("order_id", ["5d0c8a5e3f1b4a779a330b8f0a6f2d10", "WEB/2026.11/123"])
async def test_an_id_that_is_written_like_a_trace_or_a_ce_id_finds_its_order(order_id: str) -> None:
    """`bridge order` showed the order; here nothing was known of it."""
    state = {"order_id": order_id, "status": "created"}
    found, nothing = await _find(case_of(worker=FakeWorker({order_id: state})), asked(order_id))
    assert ([story.order_id for story in found.orders], nothing) == ([order_id], "")
    found, nothing = await _find(case_of(worker=FakeWorker({})), asked(order_id))
    assert (found, nothing.startswith("Nothing is known of it: no r")) == (Found(), True)
    assert nothing.endswith(", in what was searched, and no order has this id.")


async def test_an_id_that_is_written_like_a_position_finds_its_order_if_no_record_is_there() -> None:
    """The console finds the order. Here it was only said that raw has fewer partitions."""
    state = {"order_id": "2026:118", "status": "created"}
    found, nothing = await _find(case_of(worker=FakeWorker({"2026:118": state})), asked(" 2026:118"))
    assert ([story.order_id for story in found.orders], nothing) == (["2026:118"], "")
    found, nothing = await _find(case_of(worker=FakeWorker({})), asked("2026:118"))
    assert (found, nothing.endswith("the last one is 0, and no order has this id.")) == (Found(), True)


@pytest.mark.parametrize("order_id", ["SO-2026:118", "DE:2026:118", "SO-1@5"])
async def test_an_id_that_is_written_like_a_position_of_an_unknown_topic_finds_its_order(
    order_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was refused: "There is no topic SO". So it still is where no order has the id, for it may be mistyped."""
    state = {"order_id": order_id, "status": "created"}
    found, nothing = await _find(case_of(worker=FakeWorker({order_id: state})), asked(order_id))
    assert ([story.order_id for story in found.orders], nothing) == ([order_id], "")
    with pytest.raises(typer.Exit) as refused:
        await _find(case_of(worker=FakeWorker({})), asked(order_id))
    assert refused.value.exit_code == 2
    assert f'There is no topic "{order_id[:2]}" under ' in capsys.readouterr().err


async def test_an_id_of_which_a_worker_knows_nothing_is_no_orders() -> None:
    assert await order_ids(case_of(worker=FakeWorker({})), "SO-7") == []


SEEN = {
    "first_received_at": "2026-01-01T00:00:00.000Z",
    "last_received_at": "2026-01-04T00:00:00.000Z",
    "deliveries": 2,
}


@pytest.mark.parametrize(
    ("worker", "later_ms"), [(NOBODY, HOUR_MS), (FakeWorker(seen=SEEN), 72 * HOUR_MS)], ids=["no worker", "not ready"]
)
async def test_the_state_is_looked_for_since_the_first_delivery_of_a_duplicate(
    worker: FakeWorker, later_ms: int
) -> None:
    """A duplicate writes no state: it was said that there was none."""
    state = {"order_id": "SO-1", "status": "created", "timeline_count": 1, "timeline": [{"source": "0:100"}]}
    written = Read(orjson.dumps(state), TOPICS.order_state, 0, 3, START_MS, b"SO-1")
    again = raw(200, START_MS + later_ms)
    case = case_of(cleaned(9, b"0:100"), written, again, worker=worker, since_ms=again.timestamp)
    made = await _whole(case, again)
    assert made.order is not None
    assert (made.verdict, made.order["state"], made.order["listed"]) == (Outcome.DUPLICATE, "created", True)


@pytest.mark.parametrize("home_is_last", [False, True])
async def test_where_partitions_were_added_the_home_before_says_nothing(home_is_last: bool) -> None:
    """The former home's tombstone was read last, and the order had no state."""
    key = b"SO-1"
    moved, gone = (
        Read(value, TOPICS.order_state, partition_for(key, count), 0, START_MS, key)
        for value, count in ((orjson.dumps({"order_id": "SO-1", "status": "created"}), 5), (None, 3))
    )
    assert moved.partition != gone.partition
    case = case_of(*((gone, moved) if home_is_last else (moved, gone)))
    case = replace(case, settings=SETTINGS.model_copy(update={"partitions": 5}), counts=(3, 5))
    assert (await story_of(case, "SO-1")).state == {"order_id": "SO-1", "status": "created"}


async def test_of_an_orders_states_the_last_one_counts_however_many_records_are_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last one of the oldest records was taken for it: the event was said to be missing from the order."""
    monkeypatch.setattr(search, "MOST", 4)
    since, logs = now_ms() - DAY, Logs()
    states = {0: {"status": "created"}, 9: {"status": "completed", "timeline": [{"source": "0:9"}]}}
    for number in range(10):
        key, state = (b"SO-1", states[number]) if number in states else (b"SO-2", {"status": "created"})
        logs.write(TOPICS.order_state, orjson.dumps(state), since + (number + 1) * DAY // 20, key)
    consumer: Any = logs
    case = replace(case_of(since_ms=since), search=Search(consumer, lambda _: None))
    part = await part_in_order(case, "SO-1", ["0:9"], since)
    assert (part["state"], part["listed"]) == ("completed", True)


async def test_an_order_that_is_among_the_latest_records_has_its_events_and_its_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The order was found there, but its events and state were looked for among the oldest records: it had neither."""
    monkeypatch.setattr(search, "MOST", 4)
    since, logs = now_ms() - DAY, Logs()
    for number in range(10):
        key, at_ms = (b"SO-1" if number == 8 else b"SO-2"), since + (number + 1) * DAY // 20
        logs.write(TOPICS.orders, BODY, at_ms, key, [(SOURCE, b"0:8")])
        logs.write(TOPICS.order_state, b'{"order_id":"%s","status":"created"}' % key, at_ms, key)
    consumer: Any = logs
    case = replace(case_of(since_ms=since), search=Search(consumer, lambda _: None))
    assert await order_ids(case, "SO-1") == ["SO-1"]
    story = await story_of(case, "SO-1")
    assert ([fact.cleaned for fact in story.facts], story.state and story.state["status"]) == (
        ["0:8"],
        "created",
    )
