"""What has no usable id of an order belongs to none, and is not called one by its own id or name."""

from typing import Any

import orjson
import pytest

from commands.explain import worker as asking
from commands.explain.asked import asked
from commands.explain.command import _find, _whole
from commands.explain.sentences import of_blind_return, of_delivery
from commands.explain.view import Found, document
from commands.explain.worker import Worker
from commands.terminal.worker import Reply
from processors.dedupe.raw_event import RawEvent, RawReader
from schemas import headers as header
from schemas.outcome import Outcome
from schemas.text import MAX_LENGTH
from tests.unit.commands.explain.cases import NOBODY, SETTINGS, START_MS, TABLE, TOPICS, FakeWorker, case_of
from tests.unit.commands.record.test_shown import Read

BLIND = {"return_id": "R-1", "external_order_id": "GC9", "source": "0:100", "received_at": "2026-01-01T00:00:00.000Z"}


def of_no_order(name: str, **payload: Any) -> tuple[Read, Read]:
    """A raw record and its cleaned one."""
    envelope = {"tenant": "acme", "name": name, "published_at": "2026-01-01T00:00:00Z", "payload": payload}
    raw = Read(orjson.dumps(envelope), TOPICS.raw, 0, 100, START_MS, name.encode())
    read = RawReader("acme", TABLE).read(raw)
    assert isinstance(read, RawEvent)
    of = read.identity
    said = [(header.CE_ID, b"acme/" + of.row_key), (header.PAYLOAD_HASH, of.payload_hash), (header.SOURCE, b"0:100")]
    return raw, Read(raw.value, TOPICS.orders, 0, 9, START_MS, of.entity_key, said)


RETURN = of_no_order("return.processed", id="R-1", external_order_id="GC9")
NO_ID = of_no_order("order.opened", id="x" * (MAX_LENGTH + 1))


@pytest.mark.parametrize("worker", [NOBODY, FakeWorker({})], ids=["no worker", "a worker"])
@pytest.mark.parametrize(
    ("records", "said"),
    [(RETURN, "no order: it is a blind return (`GET /blind-returns`)."), (NO_ID, "no order.")],
    ids=["a blind return", "no usable id"],
)
async def test_a_delivery_of_no_order_says_so(records: tuple[Read, Read], said: str, worker: FakeWorker) -> None:
    """The return, or the event's name, was called an order without a state."""
    made = await _whole(case_of(*records, worker=worker), records[0])
    assert (made.verdict, made.order_id, made.order) == (Outcome.UNIQUE, None, None)
    lines = [*of_delivery(made, TOPICS.raw, TOPICS.conflicts, TOPICS.quarantine)]
    assert lines[-1] == f"It belongs to {said}"


async def test_what_is_of_no_order_by_its_kind_is_not_said_to_be() -> None:
    made = await _whole(case_of(), of_no_order("inventory_count.finalized", id="c")[0])
    assert "no order" not in "".join(of_delivery(made, TOPICS.raw, TOPICS.conflicts, TOPICS.quarantine))


async def test_the_id_of_a_blind_return_finds_it() -> None:
    """Nothing was known of the return, though a worker lists it."""
    case = case_of(worker=FakeWorker({}, blind=[BLIND]))
    found, nothing = await _find(case, asked("R-1"))
    assert (found, nothing) == (Found(blind_returns=[BLIND]), "")
    assert document(case, found)["blind_returns"] == [BLIND]
    assert of_blind_return(BLIND) == (
        "Return R-1 (external id GC9) belongs to no order: raw 0:100, received 2026-01-01 00:00:00 UTC; "
        "`bridge explain 0:100`."
    )
    assert of_blind_return(BLIND | {"return_id": None}).startswith("A return (external id GC9) belongs to no order")
    assert (await _find(case, asked("R-2")))[1] == 'Nothing is known of "R-2": no order has this id.'


@pytest.mark.parametrize(("records", "any_id"), [(RETURN, "R-1"), (NO_ID, "order.opened")])
async def test_where_no_worker_answers_the_key_of_its_record_makes_it_no_order(
    records: tuple[Read, Read], any_id: str
) -> None:
    found, nothing = await _find(case_of(*records), asked(any_id))
    assert found == Found()
    assert "of returns of no order only a worker tells" in nothing


async def test_a_worker_is_asked_for_both_ids_of_blind_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for = []

    async def ask(_settings: Any, path: str, *, query: dict[str, str], **_: Any) -> Reply:
        asked_for.append((path, query))
        return Reply(200, {"blind_returns": [BLIND], "next": None})

    monkeypatch.setattr(asking, "ask", ask)
    assert await Worker(SETTINGS).blind_returns("R-1") == [BLIND]
    assert asked_for == [("/blind-returns", {by: "R-1"}) for by in ("return_id", "external_id")]
