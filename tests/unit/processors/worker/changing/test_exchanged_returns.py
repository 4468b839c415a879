"""Returns that an exchange settled: the worker that has the return asks all workers, and no refund is awaited."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from processors.worker.changing import exchanged_returns as module
from processors.worker.changing.acknowledgements import MOST_REASON
from processors.worker.changing.exchanged_returns import ExchangedReturns
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.owners import AwayError
from processors.worker.queries.questions import Asked, Told
from tests.unit.processors.worker.queries.partitions import PARTITIONS, FakeOwners, Shop, local
from tests.unit.processors.worker.queries.partitions import Told as Said
from tests.unit.processors.worker.queries.test_gap_page import marked
from tests.unit.processors.worker.queries.test_local import created, opened

OTHER = "http://other"
REFUNDED = "payment_account.amount_refunded"
SetAside = tuple[str, str, str]
"""Order, gap and reason."""


def returned(order: str, *, amount: float = 5) -> list[Said]:
    """An order that waits only for the refund of its return `back-<order>`."""
    back = {"id": f"back-{order}", "order_id": order, "total_refund_amount": amount}
    return [created(order), opened(order), ("return.processed", back)]


def exchange(order: str, *of: str, new: str = "") -> list[Said]:
    """An order in exchange for other orders' returns."""
    new = new or f"new-{order}"
    exchanges = [{"order_id": each, "return_id": f"back-{each}"} for each in (order, *of)]
    return [created(new, exchanges=exchanges, is_exchange=True), opened(new)]


class Worker:
    """A worker with the partitions `mine`. Another one has the others. `answers`: what it gets when it sets aside, by
    order."""

    def __init__(self, shop: Shop, mine: set[int] | None = None) -> None:
        self.shop, mine = shop, set(range(PARTITIONS)) if mine is None else mine
        theirs = [each for each in range(PARTITIONS) if each not in mine]
        self.owners = FakeOwners(shop, mine, {OTHER: theirs} if theirs else {})
        self._theirs = local(FakeOwners(shop, theirs))
        self.asked = 0
        self.away = False
        self.set_aside: list[SetAside] = []
        self.answers: dict[str, Callable[[], Answer]] = {}
        given: Any = self.owners
        peers: Any = self
        own = local(self.owners)
        self.returns = ExchangedReturns(given, own, Everyone(given, peers, own), self._acknowledge)

    async def tell(self, worker: str, asked: Asked, caller: Caller) -> Told:
        assert (worker, caller.authorization) == (OTHER, None)
        self.asked += 1
        if self.away:
            raise AwayError("it does not answer")
        return await self._theirs.tell(asked.question, asked.partitions)

    async def _acknowledge(self, order_id: str, name: str, reason: str, caller: Caller) -> Answer:
        assert caller.name == "bridge"
        self.set_aside.append((order_id, name, reason))
        return self.answers.get(order_id, lambda: Answer(200, b"{}"))()

    async def look(self, rounds: int = 1) -> list[SetAside]:
        """What it sets aside in so many rounds."""
        self.set_aside = []
        for _ in range(rounds):
            await self.returns.look()
        return self.set_aside


def settled(order: str, by: str = "") -> SetAside:
    return order, f"{REFUNDED}:back-{order}", f"settled by exchange {by or f'new-{order}'}"


async def test_the_refund_of_a_return_that_an_exchange_order_names_is_set_aside() -> None:
    shop = marked(Shop().tell(*returned("a"), *exchange("a"), *returned("kept")))
    assert await Worker(shop).look() == [settled("a")]


async def test_all_orders_in_exchange_for_it_are_named_as_far_as_a_reason_has_room() -> None:
    two = Shop().tell(*returned("a"), *exchange("a", new="x"), *exchange("a", new="y"))
    assert await Worker(marked(two)).look() == [settled("a", "x, y")]
    long = Shop().tell(*returned("a"), *(each for n in range(3) for each in exchange("a", new=f"{n}" * 200)))
    ((_, _, reason),) = await Worker(marked(long)).look()
    assert (len(reason), reason[:25]) == (MOST_REASON, "settled by exchange 00000")


async def test_each_worker_does_so_for_its_own_orders_whoever_has_the_exchange() -> None:
    names = [f"o-{number}" for number in range(12)]
    shop = marked(Shop().tell(*(each for name in names for each in [*returned(name), *exchange(name)])))
    halves = [await Worker(shop, half).look() for half in ({0, 1}, {2, 3})]
    assert all(halves)
    assert sorted(each for half in halves for each in half) == sorted(map(settled, names))


async def test_one_order_may_be_in_exchange_for_several_returns() -> None:
    shop = marked(Shop().tell(*returned("a"), *returned("b"), *exchange("a", "b")))
    assert await Worker(shop).look() == [settled("a"), settled("b", "new-a")]


async def test_an_exchange_that_was_cancelled_settles_nothing() -> None:
    """The money is kept, so somebody has to look."""
    cancelled = ("order.cancelled", {"id": "new-a"})
    worker = Worker(marked(Shop().tell(*returned("a"), *exchange("a"), cancelled)), {0, 1})
    assert (await worker.look(), worker.asked) == ([], 1)


async def test_orders_of_which_it_cannot_be_known_keep_no_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    worker = Worker(marked(Shop().tell(*returned("a"), *exchange("a"), *returned("b"), *exchange("b"))), {0, 1, 2})
    first = (await Worker(worker.shop, {0, 1, 2}).look())[0]
    worker.away = True
    assert await worker.look() == []
    worker.away = False
    assert first not in await worker.look()


async def test_a_return_that_was_refunded_in_part_is_no_gap_and_nobody_is_asked() -> None:
    """189.44 = 86.60 refunded + 102.84 for the exchange: what is outstanding stays as it is."""
    refund = {"id": "a", "transactions": [{"id": "t", "amount": 86.6, "currency": "EUR", "correlation_id": "back-a"}]}
    shop = Shop().tell(*returned("a", amount=189.44), (REFUNDED, refund), *exchange("a"))
    worker = Worker(marked(shop), {0, 1})
    assert (await worker.look(), worker.asked) == ([], 0)


async def test_what_else_orders_wait_for_is_none_of_it() -> None:
    asked = ("refund_request.issued", {"id": "back-b", "order_id": "b", "amount": 5, "currency": "EUR"})
    shop = marked(Shop().tell(created("a"), created("b"), opened("b"), asked, *exchange("b")))
    worker = Worker(shop, {0, 1})
    assert (await worker.look(), worker.asked) == ([], 0)


async def test_where_a_worker_cannot_be_asked_nothing_is_set_aside_and_that_is_said_once() -> None:
    names = [f"o-{number}" for number in range(12)]
    worker = Worker(marked(Shop().tell(*(each for name in names for each in [*returned(name), *exchange(name)]))), {0})
    worker.away = True
    with capture_logs() as logged:
        assert await worker.look(3) == []
    said = "it is not known which returns were exchanged"
    assert logged == [{"event": said, "log_level": "warning", "reason": "it does not answer"}]
    worker.away = False
    with capture_logs() as logged:
        assert await worker.look(2)
        worker.away = True
        assert await worker.look(2) == []
    assert len(logged) == 1  # another outage is logged again


async def test_a_worker_whose_own_partitions_are_not_ready_asks_nobody() -> None:
    """Readiness says why."""
    worker = Worker(marked(Shop().tell(*returned("a"), *exchange("a"))), {0, 1})
    worker.owners.member = False
    with capture_logs() as logged:
        assert (await worker.look(), worker.asked, logged) == ([], 0, [])


async def test_so_many_are_looked_at_in_a_round_those_first_that_wait_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    names = ["a", "b", "c", "d", "e"]
    worker = Worker(marked(Shop().tell(*(each for name in names for each in [*returned(name), *exchange(name)]))))
    rounds = [await worker.look() for _ in range(3)]
    assert rounds == [list(map(settled, some)) for some in ("ab", "cd", "e")]
    assert await worker.look() == rounds[0]  # here, nothing removes from the list what was set aside


async def test_of_more_returns_than_may_be_asked_for_at_once_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VALUES", 2)
    names = ["a", "b", "c", "d", "e"]
    shop = Shop().tell(*(each for name in names for each in [*returned(name), *exchange(name)]))
    assert await Worker(marked(shop)).look() == list(map(settled, names))


def refusing() -> Answer:
    return problem(503, "The order cannot be changed now", "not committed within 4 s")


def failing() -> Answer:
    raise ValueError("a bug")


@pytest.mark.parametrize("answer", [refusing, failing])
async def test_one_that_cannot_be_set_aside_keeps_no_other_waiting_and_is_told_once(
    answer: Callable[[], Answer],
) -> None:
    worker = Worker(marked(Shop().tell(*returned("a"), *exchange("a"), *returned("b"), *exchange("b"))))
    worker.answers["a"] = answer
    with capture_logs() as logged:
        assert await worker.look(3) == 3 * [settled("a"), settled("b")]
    assert [(each["event"], each["order_id"]) for each in logged] == [
        ("a gap that an exchange settled is not set aside", "a")
    ]


async def test_one_that_is_awaited_no_more_meanwhile_is_no_failure() -> None:
    worker = Worker(marked(Shop().tell(*returned("a"), *exchange("a"))))
    worker.answers["a"] = lambda: problem(404, "No such gap", "order a waits for no such event")
    with capture_logs() as logged:
        assert (await worker.look(), logged) == ([settled("a")], [])


async def test_it_goes_on_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_S", 0)
    worker = Worker(marked(Shop().tell(*returned("a"), *exchange("a"))))
    monkeypatch.setattr(worker.owners, "shared_out", failing)
    running = asyncio.create_task(worker.returns.run())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not running.done()
    monkeypatch.undo()
    monkeypatch.setattr(module, "_PAUSE_S", 0)
    async with asyncio.timeout(30):
        while not worker.set_aside:
            await asyncio.sleep(0)
    running.cancel()
