"""Returns, refund requests, and refunds for neither."""

import pytest

from schemas.order_state import OrderState
from tests.unit.commands.order.orders import document, order, printed, section, shipped_and_paid
from tests.unit.processors.orders.facts import back, fact, paid, pieces

HEADER = "promised refunded outstanding what"


def test_a_return_of_which_a_part_went_out() -> None:
    text = printed(OrderState.model_validate(document("exchanged_order")))
    assert section(text, "Returns and refunds") == [
        HEADER,
        (
            "return 189.44 86.60 102.84"
            " USD · 2021-04-20 14:10:00 · 1 of CT-3003-L · at 001 · e5f6a7b8-c9d0-4e1f-8a2b-3c4d5e6f7a80"
        ),
    ]


def test_a_fee_and_what_is_no_item_are_named() -> None:
    shipping = pieces("ship-1", item_type="shipping", refund_amount=4.5)
    done = back("r", 9, pieces("A"), shipping, total_refund_amount=60, return_fee="2.5", currency="EUR")
    assert section(printed(order(*shipped_and_paid(), done)), "Returns and refunds")[1:] == [
        "return 57.50 0 57.50 EUR · - · 1 of product-A · shipping 4.50 · fee 2.50 · r"
    ]


def test_a_refund_request() -> None:
    text = printed(OrderState.model_validate(document("refund_request")))
    assert section(text, "Returns and refunds")[1:] == [
        "request 5 5 0 USD · 2019-02-06 22:10:08 · Price adjustment · 93ae9173-9497-4e10-9949-d113a2e90390"
    ]


def test_a_refund_that_names_nothing_known() -> None:
    refunds = [paid("refunded", 7, "t7", 2, correlation_id="x"), paid("refunded", 8, "t8", 1)]
    assert section(printed(order(*shipped_and_paid(), *refunds)), "Returns and refunds")[1:] == [
        "unmatched - 2 - EUR · for x · refunded:t7",
        "unmatched - 1 - EUR · for nothing that it names · refunded:t8",
    ]


@pytest.mark.parametrize(
    ("orders", "said"), [(["new-1", "new-2"], " · settled by exchange new-1, new-2"), ([], ""), (None, "")]
)
def test_a_return_names_the_orders_in_exchange_for_it(orders: list[str] | None, said: str) -> None:
    """Null: not all workers could be asked."""
    state = document([*shipped_and_paid(), back("r", 9, pieces("A"), total_refund_amount=60, currency="EUR")])
    state["returns"]["r"]["settled_by_exchange"] = orders
    assert section(printed(OrderState.model_validate(state)), "Returns and refunds")[1:] == [
        f"return 60 0 60 EUR · - · 1 of product-A{said} · r"
    ]


def test_what_was_not_promised_or_cannot_be_read_is_not_known() -> None:
    facts = [
        back("r1", 7, pieces("A")),
        back("r2", 8, pieces("A"), total_refund_amount=5),
        paid("refunded", 9, "t9", "much", correlation_id="r2"),
    ]
    first, second = section(printed(order(*shipped_and_paid(), *facts)), "Returns and refunds")[1:]
    assert first.startswith("return - 0 - ")
    assert second.startswith("return - - - ")


def test_a_return_as_an_older_version_wrote_it() -> None:
    state = document([*shipped_and_paid(), back("r", 7, pieces("A"), total_refund_amount=5)])
    for name in ("unmapped", "refunded", "refund_outstanding"):
        del state["returns"]["r"][name]
    (row,) = section(printed(OrderState.model_validate(state)), "Returns and refunds")[1:]
    assert row.startswith("return - - - ")


def test_a_note_is_not_shown() -> None:
    """People write about customers in notes."""
    asked = fact("refund_request.issued", id="ask", amount=1, currency="EUR", note="Ada called")
    assert "Ada" not in printed(order(*shipped_and_paid(), asked))
