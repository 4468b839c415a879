"""Documents without what identifies a customer: what is left out where, and when the topic gets rid of it."""

from typing import Any

import orjson
import pytest

from processors.orders.acknowledging import acknowledging
from processors.orders.apply import Applied, OrderRules, acknowledge, apply, list_unprocessed, state_of
from processors.orders.older_rows import load
from processors.orders.render.document import WITHHELD, as_json, document
from processors.orders.table import row_key
from processors.orders.unprocessed import unprocessed
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import Json, clock, fact, items
from tests.unit.processors.orders.kept import RETENTION, Table, states
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

WITHHOLDING = OrderRules(withholds_customer=True)
SECRETS = (
    *("c-4711", "ada@example.com", "Ada", "Bd. 1", "call +49 30 1", "she lost her job"),
    *("for Ada's birthday", "asked Ada Byron", "'Ada King'"),
)
GAP = ("order.created", "asked Ada Byron, 2026-01-03", "2026-01-03T00:00:00.000Z")
PERSONAL: Json = {
    "customer_id": "c-4711",
    "customer_email": "ada@example.com",
    "billing_address": {"first_name": "Ada"},
    "shipping_address": {"address_line_1": "Bd. 1"},
    "extended_attributes": [{"name": "gift", "value": "call +49 30 1"}],
    "discounts": [{"coupon_code": "X", "reason": "for Ada's birthday"}],
}


def facts() -> list[Any]:
    listed = fact("order.opened", clock(1), items=items("A"), external_id="E-1", associate_id="as-7", **PERSONAL)
    asked = fact("refund_request.issued", clock(2), id="r-1", amount=5, note="she lost her job", currency="EUR")
    return [listed, asked]


def order(rules: OrderRules) -> Applied:
    """An order with an event that could not be joined, and a gap that was set aside."""
    source = event_record(7, "order.completed", id="order-1")
    failed = unprocessed(source.value, dict(source.headers), "ValueError: what is 'Ada King'?")
    assert failed is not None
    aside = acknowledge(apply(None, facts(), rules).row, GAP, rules)
    assert aside is not None
    return list_unprocessed(aside.row, [failed], rules)[0]


def test_nothing_that_identifies_a_customer_is_in_the_topic_and_all_of_it_in_answers() -> None:
    applied = order(WITHHOLDING)
    assert [secret for secret in SECRETS if secret.encode() in applied.state] == []
    assert state_of(applied.row, WITHHOLDING) == applied.state  # as a migration writes it
    answered = as_json(document(load(applied.row), WITHHOLDING))
    assert [secret for secret in SECRETS if secret.encode() not in answered] == []


def test_it_says_what_is_left_out_for_this_reason_and_keeps_the_rest() -> None:
    """A text that the schema promises stays a text: null would break readers."""
    withheld, whole = (orjson.loads(order(rules).state) for rules in (WITHHOLDING, OrderRules()))
    OrderState.model_validate(withheld)
    assert withheld["withheld"] == list(WITHHELD)
    assert whole["withheld"] == []
    assert list(withheld) == list(whole)
    whole["order"].update(customer=None, extended_attributes=None, discounts=None)
    whole["refund_requests"]["r-1"]["note"] = None
    assert [whole["acknowledged"][0].pop("reason"), withheld["acknowledged"][0].pop("reason")] == [GAP[1], ""]
    assert withheld["unprocessed"][0]["reason"] == "ValueError"
    whole["unprocessed"][0]["reason"] = "ValueError"
    assert {**withheld, "withheld": []} == whole


def test_who_sets_a_gap_aside_is_answered_whole() -> None:
    rows: dict[bytes, bytes | None] = {row_key(b"order-1"): apply(None, facts(), WITHHOLDING).row}
    change = acknowledging("order-1", GAP, TOPICS, WITHHOLDING)
    for _ in ("said", "said again"):
        answer = change(FakeUnit([], rows, now_ms=0))  # type: ignore[arg-type]  # takes the unit's place
        assert isinstance(answer, bytes)
        assert orjson.loads(answer)["acknowledged"][0]["reason"] == GAP[1]


def test_an_order_without_its_list_has_nothing_to_leave_out() -> None:
    state = orjson.loads(apply(None, [fact("order.completed", clock(3))], WITHHOLDING).state)
    assert state["order"] == {}


@pytest.mark.parametrize("first", [False, True])
def test_when_the_setting_changes_the_topic_gets_every_order_anew_and_once(first: bool) -> None:
    table = Table()
    table.restart(OrderRules(retention_ms=RETENTION, withholds_customer=first))
    table.deliver(record(0, "created", "a"), record(1, "created", "b"))
    assert states(*table.go_round(RETENTION // 2)) == []
    table.restart(OrderRules(retention_ms=RETENTION, withholds_customer=not first))
    written = states(*table.go_round(RETENTION // 2), *table.go_round(RETENTION - 1))
    assert [(key, bool(state and state["withheld"]), state and state["revision"]) for key, state in written] == [
        (b"a", not first, 2),
        (b"b", not first, 2),
    ]
