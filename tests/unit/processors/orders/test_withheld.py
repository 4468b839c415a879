"""Documents without what identifies a customer: what is left out where, and when the topic gets rid of it."""

from typing import Any

import orjson
import pytest

from processors.orders.apply import OrderRules, apply, state_of
from processors.orders.older_rows import load
from processors.orders.render.document import WITHHELD, as_json, document
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import Json, clock, fact, items
from tests.unit.processors.orders.kept import RETENTION, Table, states
from tests.unit.processors.orders.sweeps import record

WITHHOLDING = OrderRules(withholds_customer=True)
SECRETS = ("c-4711", "ada@example.com", "Ada", "Bd. 1", "call +49 30 1", "she lost her job")
PERSONAL: Json = {
    "customer_id": "c-4711",
    "customer_email": "ada@example.com",
    "billing_address": {"first_name": "Ada"},
    "shipping_address": {"address_line_1": "Bd. 1"},
    "extended_attributes": [{"name": "gift", "value": "call +49 30 1"}],
}


def facts() -> list[Any]:
    listed = fact("order.opened", clock(1), items=items("A"), external_id="E-1", associate_id="as-7", **PERSONAL)
    asked = fact("refund_request.issued", clock(2), id="r-1", amount=5, note="she lost her job", currency="EUR")
    return [listed, asked]


def test_nothing_that_identifies_a_customer_is_in_the_topic_and_all_of_it_in_answers() -> None:
    applied = apply(None, facts(), WITHHOLDING)
    assert [secret for secret in SECRETS if secret.encode() in applied.state] == []
    assert state_of(applied.row, WITHHOLDING) == applied.state  # as a migration writes it
    answered = as_json(document(load(applied.row), WITHHOLDING))
    assert [secret for secret in SECRETS if secret.encode() not in answered] == []


def test_it_says_what_is_null_for_this_reason_and_keeps_the_rest() -> None:
    withheld, whole = (orjson.loads(apply(None, facts(), rules).state) for rules in (WITHHOLDING, OrderRules()))
    OrderState.model_validate(withheld)
    assert withheld["withheld"] == list(WITHHELD)
    assert whole["withheld"] == []
    assert list(withheld) == list(whole)
    whole["order"].update(customer=None, extended_attributes=None)
    whole["refund_requests"]["r-1"]["note"] = None
    assert {**withheld, "withheld": []} == whole


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
