"""Who is asked how often events came, and what is made of the answers."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bridge.http.bounds import TARGET_BYTES
from bridge.kafka.partitioner import partition_for
from processors.dedupe.decision import Seen
from processors.dedupe.redeliveries import AGAIN, Redeliveries
from processors.engine.errors import TableDamagedError
from processors.engine.position import Position
from processors.engine.store import POSITION, TablePartition
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.deliveries import MOST, Deliveries, id_of
from processors.worker.queries.owners import AwayError, Here, TableReader
from schemas import order_answers as answers
from schemas.text import MAX_LENGTH, percent_encode
from tests.unit.processors.worker.queries.exact import read
from tests.unit.processors.worker.queries.partitions import UnreadableTable

PARTITIONS = 8
ANYBODY = Caller("anybody")
OPENED, COMPLETED = "acme/order.opened/o-1", "acme/order.completed/o-1"
HERE, THERE = (partition_for(name, PARTITIONS) for name in (b"order.opened", b"order.completed"))
OTHER_WORKER = "http://other:6066"


class FakeOwners:
    """This worker has one partition, another worker the others, unless they are away."""

    partitions = PARTITIONS

    def __init__(self, table: TablePartition) -> None:
        self.table, self.read_to = TableReader(f"partition {HERE}", table), 77
        self.away, self.fresh = False, True
        self.since = list[float]()

    def require_fresh(self, since: float) -> None:
        self.since.append(since)
        if not self.fresh:
            raise AwayError("it took longer than a session")

    def here(self, partition: int) -> Here | None:
        return Here(partition, self.table, self.read_to) if partition == HERE else None

    def elsewhere(self, _partition: int, *, asked_by_one: bool = False) -> str:
        if self.away or asked_by_one:
            raise AwayError("it is being recovered")
        return OTHER_WORKER


class FakePeers:
    """The other worker, another `Deliveries` with the same table; `asked` are the ids of each question."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.answer: Answer | None = None

    async def ask(self, worker: str, path: str, caller: Caller) -> Answer:
        assert (worker, caller) == (OTHER_WORKER, ANYBODY)
        self.asked.append([value for _, value in parse_qsl(urlsplit(path).query)])
        if len(path) > TARGET_BYTES:
            return problem(414, "URI Too Long")
        if self.answer is not None:
            return self.answer
        events = [entry(each, 9) for each in self.asked[-1]]
        return Answer(200, b'{"applied":{"%d":5},"events":[%s]}' % (THERE, b",".join(events)))


def entry(event_id: str, deliveries: int) -> bytes:
    return b'{"id":"%s","deliveries":%d}' % (event_id.encode(), deliveries)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[TablePartition]:
    opened = TablePartition(tmp_path / "0")
    first = Seen(HERE, 1, 1_000, b"v1:aa")
    rows = {b"order.opened/o-1": first.pack(), AGAIN + b"order.opened/o-1": Redeliveries(2, 61_000).pack(first)}
    opened.apply(rows.items(), 1)
    yield opened
    opened.close()


@pytest.fixture
def owners(table: TablePartition) -> FakeOwners:
    return FakeOwners(table)


@pytest.fixture
def peers() -> FakePeers:
    return FakePeers()


@pytest.fixture
def deliveries(owners: Any, peers: Any) -> Deliveries:
    return Deliveries(owners, peers, "acme")


def counts(answer: Answer) -> Mapping[str, int | None]:
    assert answer.status == 200
    return {each["id"]: each["deliveries"] for each in answer.body["events"]}


async def test_events_are_asked_of_whoever_has_the_partitions_of_their_names(
    deliveries: Deliveries, peers: FakePeers
) -> None:
    answer = await deliveries.seen([COMPLETED, OPENED], ANYBODY)
    assert list(counts(answer).items()) == [(COMPLETED, 9), (OPENED, 3)]
    assert peers.asked == [[COMPLETED]]
    assert answer.applied == {str(HERE): 76, str(THERE): 5}


async def test_of_a_partition_without_records_nothing_is_applied(deliveries: Deliveries, owners: FakeOwners) -> None:
    owners.read_to = 0
    assert (await deliveries.seen([OPENED], ANYBODY)).applied == {}


async def test_an_answer_that_took_longer_than_a_session_is_none(deliveries: Deliveries, owners: FakeOwners) -> None:
    owners.fresh = False
    assert (await deliveries.seen([OPENED], ANYBODY)).status == 503


async def test_its_age_counts_from_the_question(
    deliveries: Deliveries, owners: FakeOwners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processors.worker.queries.deliveries.boottime", partial(next, count(1)))
    await deliveries.seen([COMPLETED, OPENED], ANYBODY)
    assert owners.since == [1]


async def test_an_entry_says_when_the_first_and_the_last_one_came(deliveries: Deliveries) -> None:
    answer = await deliveries.seen([id_of("acme", "order.opened", "o-1", "v1:aa")], ANYBODY)
    [found] = read(answers.Seen, answer.body).events
    assert found.model_dump() == {
        "id": "acme/order.opened/o-1~v1:aa",
        "deliveries": 3,
        "first_received_at": "1970-01-01T00:00:01.000Z",
        "last_received_at": "1970-01-01T00:01:01.000Z",
    }


@pytest.mark.parametrize("unknown", ["acme/order.opened/o-2", "other/order.opened/o-1", "acme/order.opened/o-1~v1:bb"])
async def test_what_was_not_seen_is_null_and_no_error(deliveries: Deliveries, unknown: str) -> None:
    assert counts(await deliveries.seen([unknown], ANYBODY)) == {unknown: None}


@pytest.mark.parametrize("odd", ["", "/", "a", "a/b", "//", "acme/%/x", "é/é/é~"])
async def test_what_is_no_id_is_not_known_either(deliveries: Deliveries, peers: FakePeers, odd: str) -> None:
    peers.answer = Answer(200, b'{"events":[{"id":"%s","deliveries":null}]}' % odd.encode())
    assert counts(await deliveries.seen([odd], ANYBODY)) == {odd: None}


@pytest.mark.parametrize("key", [POSITION, AGAIN + b"order.opened/o-1"])
async def test_rows_that_are_none_of_events_are_not_known_either(
    deliveries: Deliveries, owners: FakeOwners, table: TablePartition, key: bytes
) -> None:
    owners.here = lambda partition: Here(partition, owners.table, 77)  # type: ignore[method-assign]
    table.apply([(POSITION, Position(5, 4, 1_000).encode())], 2)
    odd = f"acme/{key.decode()}"
    assert counts(await deliveries.seen([odd], ANYBODY)) == {odd: None}


async def test_a_table_that_cannot_be_read_is_away(deliveries: Deliveries, owners: FakeOwners) -> None:
    """A timeline has nulls where that table would tell, and the rest as ever."""
    unreadable: Any = UnreadableTable(TableDamagedError("seen/0 is damaged"))
    owners.table = TableReader("partition 0 of seen", unreadable)
    answer = await deliveries.seen([OPENED, COMPLETED], ANYBODY)
    assert (answer.status, answer.retry_after, answer.body["detail"]) == (503, 10, "partition 0 of seen is damaged")
    known = await deliveries.known([OPENED, COMPLETED], ANYBODY)
    assert {each: entry["deliveries"] for each, entry in known.items()} == {COMPLETED: 9}


@pytest.mark.parametrize("count", [0, MOST + 1])
async def test_there_are_at_most_so_many_in_a_question(deliveries: Deliveries, count: int) -> None:
    assert (await deliveries.seen([OPENED] * count, ANYBODY)).status == 400


async def test_a_question_that_cannot_be_answered_whole_is_refused(deliveries: Deliveries, owners: FakeOwners) -> None:
    owners.away = True
    answer = await deliveries.seen([OPENED, COMPLETED], ANYBODY)
    assert (answer.status, answer.retry_after) == (503, 1)


async def test_a_worker_asked_by_a_worker_asks_no_other(deliveries: Deliveries, peers: FakePeers) -> None:
    assert (await deliveries.seen([COMPLETED], ANYBODY, forwarded=True)).status == 503
    assert peers.asked == []


async def test_a_timeline_takes_what_it_can_get(deliveries: Deliveries, peers: FakePeers) -> None:
    peers.answer = problem(503, "recovering")
    known = await deliveries.known([OPENED, COMPLETED], ANYBODY)
    assert {each: found["deliveries"] for each, found in known.items()} == {OPENED: 3}


async def test_a_long_timeline_is_several_questions(deliveries: Deliveries, peers: FakePeers) -> None:
    ids = [f"acme/order.completed/{number}" for number in range(2 * MOST + 1)]
    assert list(await deliveries.known(ids, ANYBODY)) == ids
    assert list(map(len, peers.asked)) == [MOST, MOST, 1]


async def test_ids_that_are_too_long_for_one_line_are_several_questions(
    deliveries: Deliveries, peers: FakePeers
) -> None:
    """Each byte of another script takes five characters of a URL: once a whole page of the timeline had nulls."""
    ids = [f"acme/order.completed/{percent_encode('注' * MAX_LENGTH)}:{number}" for number in range(MOST)]
    assert list(counts(await deliveries.seen(ids, ANYBODY)).values()) == [9] * MOST
    assert list(await deliveries.known(ids, ANYBODY)) == ids
    assert max(map(len, peers.asked)) > 1
