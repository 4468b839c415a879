"""Each order with events in the orders topic has a document in order-state; otherwise that is lost, as when the topic
was deleted and made anew. Nothing else tells of that."""

from collections import defaultdict

import pytest
from aiokafka import TopicPartition

from bridge.kafka.open_transactions import OpenTransaction
from bridge.settings import Settings
from commands.terminal.output import InertConsole
from commands.verify.balance import Fault, Finding
from commands.verify.view import document, show
from processors.orders.gone import Gone, gone_key
from schemas.instant import rfc3339_millis
from tests.unit.commands.verify.records import body
from tests.unit.commands.verify.retention import DAY, NOW, Logs

SETTINGS = Settings(tenant="acme", partitions=1)
TOPICS = SETTINGS.topics
LATELY = NOW - 2 * DAY


class Deployment(Logs):
    """A deployment in which all that came is in `orders`. `sought`: by topic, from where it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.sought = defaultdict[str, list[int]](list)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought[partition.topic].append(offset)
        super().seek(partition, offset)

    def come(self, order: str, time_ms: int = LATELY, name: str = "order.created", **payload: str) -> str:
        """Add an order's event; returns its place in raw."""
        event = body(name, payload or {"id": order}, rfc3339_millis(time_ms))
        source = self.write(TOPICS.raw, event, time_ms)
        headers = [("bridge_source", source.encode()), ("ce_id", f"acme/{name}/{order}".encode())]
        self.write(TOPICS.orders, event, time_ms, order.encode(), headers)
        return source

    def state(self, order: str, value: bytes | None = b"{}", time_ms: int = LATELY) -> None:
        """Add its document."""
        self.write(TOPICS.order_state, value, time_ms, order.encode())

    def put_aside(self, value: bytes, offset: int) -> None:
        """Add what the handler of orders failed on."""
        place = [("bridge_error_topic", TOPICS.orders.encode()), ("bridge_error_partition", b"0")]
        reason = [("bridge_error_reason", b"handler_failed"), ("bridge_error_offset", str(offset).encode())]
        self.write(TOPICS.quarantine, value, LATELY, headers=[*place, *reason])


@pytest.fixture
def logs() -> Deployment:
    """A deployment with one order, which has its document."""
    logs = Deployment()
    logs.come("o1")
    logs.state("o1")
    return logs


async def test_an_order_without_a_document_is_lost_and_named(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = logs.come("o2")
    found = await logs.ledger(monkeypatch, SETTINGS)
    assert (found.balanced, found.faults, found.orders_without_document) == (False, {Fault.LOST: 1}, 1)
    assert found.examples == [Finding(Fault.LOST, source, f"its order o2 has no document in {TOPICS.order_state}")]
    assert document(found)["orders_without_document"] == 1
    show(InertConsole(width=200), found)
    text = capsys.readouterr().out
    assert "1 orders have no document in order-state." in text
    assert "docs/recovery.md#order-state-anew" in text


@pytest.mark.parametrize(("topic", "hides"), [(TOPICS.order_state, True), (TOPICS.conflicts, False)])
async def test_one_that_a_transaction_may_hide_is_not_called_deleted(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], topic: str, hides: bool
) -> None:
    """Above the cause stood that the topic was made anew."""
    logs.come("o2")
    hidden = [OpenTransaction(TopicPartition(topic, 0), 7, 9)]
    show(InertConsole(width=200), await logs.ledger(monkeypatch, SETTINGS, hidden=hidden))
    text = capsys.readouterr().out
    assert "a transaction is open: 9 offsets" in text
    assert ("-> they may lie behind the open transaction below" in text) is hides
    assert ("order-state-anew" in text) is not hides


async def test_one_that_has_one_of_any_age_is_not(logs: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.come("o1", NOW, "order.opened")
    assert (await logs.ledger(monkeypatch, SETTINGS)).balanced
    assert (await logs.ledger(monkeypatch, SETTINGS, since_ms=NOW - DAY)).balanced


async def test_documents_from_before_the_events_are_read_only_where_one_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Orders are kept for 400 days, and their events for 30."""
    old = Deployment()
    for number in range(3):
        old.state(f"old{number}", time_ms=NOW - 100 * DAY)
    old.come("o1")
    old.state("o1")
    assert (await old.ledger(monkeypatch, SETTINGS)).balanced
    assert old.sought[TOPICS.order_state] == [3]
    old.come("old2", NOW)
    assert (await old.ledger(monkeypatch, SETTINGS)).balanced
    assert old.sought[TOPICS.order_state] == [3, 3, 0]


async def test_since_a_time_only_orders_of_which_something_came_since_are_looked_for(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.come("o2", LATELY)
    assert (await logs.ledger(monkeypatch, SETTINGS, since_ms=NOW - DAY)).balanced
    logs.come("o3", NOW)
    found = await logs.ledger(monkeypatch, SETTINGS, since_ms=NOW - DAY)
    assert (found.faults, found.orders_without_document) == ({Fault.LOST: 1}, 1)


async def test_what_the_worker_has_not_folded_yet_has_none(logs: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.come("o2")
    found = await logs.ledger(monkeypatch, SETTINGS, behind=1)
    assert (found.orders_pending, found.faults) == (1, {})


async def test_an_order_that_was_forgotten_or_erased_has_none(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order's tombstone says so and, once compaction has taken that, the row that is left of it."""
    for order in ("o2", "o3"):
        logs.come(order)
    logs.state("o2", None)
    gone = Gone.of("o3", rfc3339_millis(NOW), erased=True)
    logs.write(TOPICS.orders_changelog, gone.dump(), NOW, gone_key("o3"))
    assert (await logs.ledger(monkeypatch, SETTINGS)).balanced


async def test_one_that_may_be_forgotten_by_age_need_not_have_one(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that was forgotten long ago has no row left, either."""
    logs.come("o2")
    short = SETTINGS.model_copy(update={"order_retention": SETTINGS.order_retention / 400})
    assert (await logs.ledger(monkeypatch, short)).balanced


async def test_a_return_that_belongs_to_no_order_has_none(logs: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.come("r1", name="return.processed", id="r1")
    assert (await logs.ledger(monkeypatch, SETTINGS)).orders_without_document == 0


@pytest.mark.parametrize("is_stub", [False, True], ids=["whole", "as a stub"])
async def test_an_order_all_of_whose_events_were_put_aside_need_not_have_one(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch, *, is_stub: bool
) -> None:
    """If the code fails on the order itself, or it is too large, the event is not even listed with it."""
    logs.come("o2")
    event = body("order.created", {"id": "o2"}, rfc3339_millis(LATELY))
    logs.put_aside(b'{"truncated": true}' if is_stub else event, offset=1)
    found = await logs.ledger(monkeypatch, SETTINGS)
    assert (found.quarantined_later.total(), found.balanced) == (1, True)


async def test_one_of_which_another_event_was_folded_must_have_one(
    logs: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.come("o2")
    source = logs.come("o2", name="order.opened")
    logs.put_aside(body("order.created", {"id": "o2"}, rfc3339_millis(LATELY)), offset=1)
    found = await logs.ledger(monkeypatch, SETTINGS)
    assert found.orders_without_document == 1
    assert [each.source for each in found.examples] == [source]
