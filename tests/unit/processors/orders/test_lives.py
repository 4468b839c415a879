"""Whole orders as NewStore's customers have seen them, with every sum to the cent."""

from decimal import Decimal

import pytest

from tests.unit.processors.orders.facts import LIVES, Json, attention, in_any_order, life

SUMS = ("authorized", "captured", "voided", "refunded", "open_authorization", "net", "balance")
EXPECTED: dict[str, Json] = {
    "cash_and_gift_card": {
        "statuses": ("completed", "fulfilled", "partially_refunded", "partial"),
        "sums": {"USD": ("245.83", "245.83", "0", "82.52", "0", "163.31", "0")},
        "by_method": {
            "cash": ("195.83", "195.83", "0", "32.52"),
            "gift_card": ("50", "50", "0", "50"),
        },
        "returns": [("82.52", "0")],
    },
    "exchanged_order": {
        "statuses": ("completed", "fulfilled", "partially_refunded", "full"),
        "sums": {"USD": ("189.44", "189.44", "0", "86.6", "0", "102.84", "0")},
        "by_method": {"credit_card": ("189.44", "189.44", "0", "86.6")},
        "returns": [("86.6", "102.84")],
    },
    "exchange_order": {
        "statuses": ("completed", "fulfilled", "captured", "none"),
        "sums": {"USD": ("102.84", "102.84", "0", "0", "0", "102.84", "0")},
        "by_method": {"store_credit": ("102.84", "102.84", "0", "0")},
    },
    "refund_request": {
        "statuses": ("completed", "fulfilled", "partially_refunded", "none"),
        "sums": {"USD": ("62.94", "62.94", "0", "5", "0", "57.94", "0")},
        "by_method": {"credit_card": ("62.94", "62.94", "0", "5")},
        "refund_requests": [("5", "0")],
    },
    "partial_captures": {
        "statuses": ("open", "partial", "partially_captured", "none"),
        "sums": {"EUR": ("300", "220.05", "0", "0", "79.95", "220.05", "79.95")},
        "by_method": {"credit_card": ("300", "220.05", "0", "0")},
    },
    "mixed_currencies": {
        "statuses": ("completed", "fulfilled", "captured", "full"),
        "sums": {
            "EUR": ("100", "100", "0", "0", "0", "100", "0"),
            "USD": ("0", "0", "0", "20", "0", "-20", None),
        },
        "by_method": {"credit_card": ("100", "100", "0", "0")},
        "returns": [("20", "0")],
        "attention": {("currency_mismatch", "refunded:95d4e5f6-0003-4e7f-8a8b-9c0d1e2f3a03")},
    },
    "over_capture": {
        "statuses": ("completed", "fulfilled", "captured", "none"),
        "sums": {"USD": ("62.94", "125.88", "0", "0", "0", "125.88", "-62.94")},
        "by_method": {"credit_card": ("62.94", "125.88", "0", "0")},
        "attention": {("over_captured", "USD")},
    },
    "cash_rounding": {
        "statuses": ("completed", "fulfilled", "captured", "none"),
        "sums": {"CAD": ("12.35", "12.35", "0", "0", "0", "12.35", "-0.02")},
        "by_method": {"cash": ("12.35", "12.35", "0", "0")},
    },
    "store_credit_voided": {
        "statuses": ("completed", "fulfilled", "captured", "none"),
        "sums": {"USD": ("62.94", "62.94", "5", "0", "0", "62.94", "0")},
        "by_method": {
            "credit_card": ("62.94", "62.94", "0", "0"),
            "store_credit": ("0", "0", "5", "0"),
        },
    },
    "store_credit_paid_out": {
        "statuses": ("completed", "fulfilled", "refunded", "full"),
        "sums": {"USD": ("83.06", "83.06", "5", "88.06", "0", "-5", "0")},
        "by_method": {
            "cash": ("83.06", "83.06", "0", "21.95"),
            "store_credit": ("0", "0", "5", "66.11"),
        },
        "returns": [("83.06", "0")],
        "unmatched": [("5", "93ae9173-9497-4e10-9949-d113a2e90390")],
    },
    "appeased_exchange_order": {
        "statuses": ("completed", "fulfilled", "partially_refunded", "none"),
        "sums": {"USD": ("66.11", "66.11", "0", "5", "0", "61.11", "0")},
        "by_method": {"store_credit": ("66.11", "66.11", "0", "5")},
        "refund_requests": [("5", "0")],
    },
    "refunds_as_new_instruments": {
        "statuses": ("completed", "fulfilled", "refunded", "full"),
        "sums": {"USD": ("158.4", "158.4", "0", "158.4", "0", "0", "0")},
        "by_method": {
            "credit_card": ("158.4", "158.4", "0", "0"),
            "store_credit": ("0", "0", "0", "70.4"),
            "gift_card": ("0", "0", "0", "88"),
        },
        "returns": [("158.4", "0")],
    },
}
"""By order: status, fulfilment, payment and return status. Sums by currency and, in the order's currency, by method.
What was refunded and what is outstanding of each return and refund request. Refunds for none of these, and what they
name. What somebody should look at."""


def refunds(state: Json, part: str) -> list[tuple[str, str | None]]:
    """Return what was refunded and what is outstanding of each entry."""
    return [(each["refunded"], each["refund_outstanding"]) for each in state[part].values()]


def test_each_life_is_expected_to_be_something() -> None:
    assert {path.stem for path in LIVES.glob("*.json")} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_whole_order_adds_up_to_the_cent(name: str) -> None:
    expected, state = EXPECTED[name], in_any_order(*life(name))
    fields = ("status", "fulfillment_status", "payment_status", "return_status")
    assert tuple(state[field] for field in fields) == expected["statuses"]
    sums = {currency: tuple(each[field] for field in SUMS) for currency, each in state["payment_sums"].items()}
    assert sums == expected["sums"]
    by_method = state["payment_sums"][state["order"]["currency"]]["by_method"]
    assert {method: tuple(each[field] for field in SUMS[:4]) for method, each in by_method.items()} == expected[
        "by_method"
    ]
    assert refunds(state, "returns") == expected.get("returns", [])
    assert refunds(state, "refund_requests") == expected.get("refund_requests", [])
    assert attention(state) == expected.get("attention", set())
    assert (state["missing"], state["suspected"], state["contradictions"]) == ([], [], [])
    unmatched = [(each["amount"], each["correlation_id"]) for each in state["unmatched_refunds"]]
    assert unmatched == expected.get("unmatched", [])


def test_a_capture_is_not_lost_where_a_refund_has_its_transaction_id() -> None:
    facts = life("cash_and_gift_card")
    payments = in_any_order(*facts)["payments"]
    for transaction in ("17eed287-6f0a-4d3b-9f0a-9a4e5d1c7b20", "3f6c9b7e-2b8d-4c54-8d59-1c0f6a2e9d31"):
        assert {key for key in payments if key.endswith(transaction)} == {
            f"captured:{transaction}",
            f"refunded:{transaction}",
        }
    assert len(payments) == 6


def test_what_an_exchange_kept_back_is_what_the_other_order_was_paid_with() -> None:
    old, new = in_any_order(*life("exchanged_order")), in_any_order(*life("exchange_order"))
    [(return_id, returned)] = old["returns"].items()
    assert new["order"]["exchanges"] == [{"order_id": old["order_id"], "return_id": return_id}]
    assert returned["refund_outstanding"] == new["payment_sums"]["USD"]["captured"] == "102.84"
    assert returned["total_refund_amount"] == "189.44"


def test_what_an_exchange_order_gave_back_was_paid_out_where_its_credit_was_issued() -> None:
    old, new = in_any_order(*life("store_credit_paid_out")), in_any_order(*life("appeased_exchange_order"))
    [(request_id, asked)] = new["refund_requests"].items()
    [paid_out] = old["unmatched_refunds"]
    assert (paid_out["correlation_id"], paid_out["amount"]) == (request_id, asked["refunded"])
    [exchange], [return_id] = new["order"]["exchanges"], old["returns"]
    assert exchange == {"order_id": old["order_id"], "return_id": return_id}


def test_a_shipping_line_of_no_amount_is_listed_beside_the_goods() -> None:
    [returned] = in_any_order(*life("refunds_as_new_instruments"))["returns"].values()
    assert [line["refund_amount"] for line in returned["items"]] == ["70.4", "88"]
    assert [(line["item_type"], line["refund_amount"]) for line in returned["unmapped"]] == [("shipping", "0")]


@pytest.mark.parametrize("name", EXPECTED)
def test_each_captured_cent_is_one_of_some_method(name: str) -> None:
    state = in_any_order(*life(name))
    for sums in state["payment_sums"].values():
        for field in SUMS[:4]:
            assert sum(Decimal(each[field]) for each in sums["by_method"].values()) == Decimal(sums[field])
