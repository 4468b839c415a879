"""The view as a whole: at every width, of every order, and without what is nobody's business."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.fact import Fact
from processors.orders.verdict.verdict import verdict
from schemas.order_state import OrderState
from tests.unit.commands.order.orders import LIVES, WITH_DEFAULT, document, order, printed, shipped_and_paid
from tests.unit.processors.orders.facts import Json, back, fact, items, pieces, state_of
from tests.unit.processors.orders.lifecycles import LIVES_WITH_CONFLICTS

pytestmark = pytest.mark.thorough

WIDTHS = (80, 120, 200)
ID_LENGTHS = {20, 36}
AMOUNT = re.compile(r"-?\d+(\.\d+)?")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("life", LIVES)
def test_no_line_is_wider_than_the_terminal_and_no_id_and_no_amount_is_cut(life: str, width: int) -> None:
    state = document(life)
    text = printed(OrderState.model_validate(state), width=width)
    assert max(map(len, text.splitlines())) <= width
    ids = {name for part in ("items", "fulfillment_requests", "returns", "refund_requests") for name in state[part]}
    assert {len(name) for name in ids} <= ID_LENGTHS
    amounts = {sums[name] for sums in state["payment_sums"].values() for name in ("captured", "refunded", "net")}
    words = set(text.split())
    assert ids <= words
    assert set(map(Decimal, amounts)) <= {Decimal(word) for word in words if AMOUNT.fullmatch(word)}


@given(st.data())
def test_every_order_can_be_shown(data: st.DataObject) -> None:
    state = OrderState.model_validate(state_of(*data.draw(LIVES_WITH_CONFLICTS)))
    text = printed(state, width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert state.order_id in text


def test_in_a_pipe_the_verdict_is_one_line() -> None:
    names = [f"fulfillment_request.assigned:{n:040}" for n in range(2)]
    state = order(*shipped_and_paid(), missing=names, stalled=names, provisional=True)
    assert printed(state, piped=True).splitlines()[0] == verdict(state)
    assert len(verdict(state)) > 200


def test_a_document_without_any_of_the_later_fields_is_shown_as_what_it_does_not_know() -> None:
    state = {name: value for name, value in document(shipped_and_paid()).items() if name not in WITH_DEFAULT}
    state |= {"payments": {}, "fulfillment_status": "unfulfilled", "payment_status": "none", "order": {}}
    for item in state["items"].values():
        for name in ("shipped_quantity", "fulfillment_request_id", "replaced_by", "replaces", "swap"):
            del item[name]
    text = printed(OrderState.model_validate(state))
    assert text.startswith("Completed · fulfilment and payment unknown · nothing missing\n")
    assert re.search(r"^fulfillment +unknown$", text, re.MULTILINE)
    assert re.search(r"^payment +unknown$", text, re.MULTILINE)
    assert re.search(r"^complete +1 +- +0 ", text, re.MULTILINE)
    assert "unfulfilled" not in text
    assert "Money" not in text


@pytest.mark.parametrize(("facts", "said"), [([back("r", 1, pieces("A"))], "unknown"), ([], "unfulfilled")])
def test_the_verdict_and_the_statuses_agree_on_fulfilment(facts: list[Fact], said: str) -> None:
    """If nothing lists an order's items, the document claims more than is known."""
    state = order(*(facts or shipped_and_paid()[:3]))
    assert state.fulfillment_status == "unfulfilled"
    text = printed(state)
    assert re.search(rf"^fulfillment +{said}$", text, re.MULTILINE)
    assert ("fulfilment unknown" in text) == (said == "unknown")


def test_of_the_customer_only_the_presence_is_shown() -> None:
    customer: Json = {
        "customer_id": "c-1",
        "external_customer_id": "x-1",
        "customer_email": "ada@example.com",
        "billing_address": {"city": "Oakland"},
        "shipping_address": {"first_name": "Ada"},
    }
    state = order(fact("order.created", items=items("A"), **customer))
    text = printed(state)
    assert state.order.customer is not None
    assert re.search(r"^customer +known; -o json has it$", text, re.MULTILINE)
    assert not [word for word in ("c-1", "x-1", "ada@", "Oakland", "Ada") if word in text]


def test_without_a_customer_none_is_claimed() -> None:
    for state in (order(fact("order.created", items=items("A"))), order(fact("order.completed"))):
        assert re.search(r"^customer +-$", printed(state), re.MULTILINE)


def test_an_exchange_names_what_it_is_for() -> None:
    text = printed(OrderState.model_validate(document("exchange_order")))
    assert re.search(r"^exchange for +order \S+, return \S+$", text, re.MULTILINE)


def test_invoices_are_named() -> None:
    state = order(*shipped_and_paid(), fact("invoice.created", id="i1"), fact("invoice.created", id="i2"))
    assert re.search(r"^invoices +i1 · i2$", printed(state), re.MULTILINE)


def test_the_verdict_comes_first_and_what_is_wrong_next() -> None:
    text = printed(order(*shipped_and_paid(), attention=[{"kind": "k", "subject": "s"}]))
    first, second, blank, *_ = text.splitlines()
    assert first.startswith("Completed · ")
    assert (second, blank) == ("attention  k: s", "")
