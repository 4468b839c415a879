"""For an order, its held-back events are named: the better `order.created` may be one."""

import pytest

from commands.explain.order import story_of
from commands.explain.sentences import of_order
from commands.explain.view import Found, document
from schemas.headers import CE_ID, CONFLICT, ENTITY_KEY, SOURCE
from tests.unit.commands.explain.cases import HOUR_MS, NOBODY, START_MS, TOPICS, FakeWorker, case_of
from tests.unit.commands.record.test_shown import Read

EVENT, ORDER = b"order.created", b"SO-1"
FIRST, OTHER = b"acme/order.created/SO-1", b"acme/order.created/SO-1~v1:bb"
RECEIVED = "2026-01-01T00:00:00.000Z"


def cleaned(offset: int, ce_id: bytes, raw: bytes) -> Read:
    said = [(CE_ID, ce_id), (SOURCE, raw), *([(CONFLICT, b"true")] if ce_id == OTHER else [])]
    return Read(b"{}", TOPICS.orders, 0, offset, START_MS, ORDER, said)


def conflict(offset: int, event: bytes = EVENT, order: bytes = ORDER) -> Read:
    said = [(CE_ID, OTHER), (ENTITY_KEY, order), (SOURCE, b"0:12")]
    return Read(b"{}", TOPICS.conflicts, 0, offset, START_MS + HOUR_MS, event, said)


def knowing(*raws: str) -> FakeWorker:
    """A worker that knows the order, by facts from these raw records. All but the first contradict it."""
    facts = [
        {"event": "order.created", "source": raw, "received_at": RECEIVED, "conflict": raw != raws[0]} for raw in raws
    ]
    return FakeWorker({"SO-1": {"order_id": "SO-1", "status": "created"}}, timeline=facts)


@pytest.mark.parametrize("worker", [NOBODY, knowing("0:1")], ids=["no worker", "a worker"])
async def test_what_is_held_back_is_named(worker: FakeWorker) -> None:
    """Nothing said that there is more than the state has."""
    others = conflict(4, order=b"SO-2"), conflict(5, event=b"customer_profile.created")
    case = case_of(cleaned(7, FIRST, b"0:1"), conflict(3), *others, worker=worker)
    story = await story_of(case, "SO-1")
    (held,) = document(case, Found(orders=[story]))["orders"][0]["held_back"]
    assert (held["event"], held["raw"], held["conflict"]) == ("order.created", "0:12", "0:3")
    *_, last = of_order(story)
    assert last.startswith("order.created, raw 0:12, is held back")
    assert "`bridge conflicts show 0:3`" in last


@pytest.mark.parametrize("worker", [NOBODY, knowing("0:1", "0:20")], ids=["no worker", "a worker"])
async def test_what_was_accepted_since_is_not(worker: FakeWorker) -> None:
    case = case_of(cleaned(7, FIRST, b"0:1"), conflict(3), cleaned(8, OTHER, b"0:20"), worker=worker)
    assert (await story_of(case, "SO-1")).held_back == []


async def test_which_of_them_was_accepted_nobody_knows_once_its_cleaned_record_is_gone() -> None:
    case = case_of(cleaned(7, FIRST, b"0:1"), conflict(3), worker=knowing("0:1", "0:20"))
    assert (await story_of(case, "SO-1")).held_back == []
