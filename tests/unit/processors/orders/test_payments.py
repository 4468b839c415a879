"""Payments: one entry for each step of each transaction, and sums of them that lose nothing."""

import pytest

from tests.unit.processors.orders.facts import (
    ORDER_ID,
    Json,
    attention,
    clock,
    contradiction,
    fact,
    in_any_order,
    kinds,
    paid,
    payment,
    state_of,
    transaction,
)

OPENED = fact("order.opened", clock(1), currency="EUR", grand_total="100.00")
MORE = transaction("t2", 0, "cash")


def euros(state: Json) -> Json:
    """Return the sums in euros without those by payment method."""
    return {name: amount for name, amount in state["payment_sums"]["EUR"].items() if name != "by_method"}


def test_steps_of_one_transaction_are_kept_apart_though_they_share_its_id() -> None:
    steps = [paid(action, n, "t1", 50) for n, action in enumerate(["authorized", "captured", "voided", "refunded"])]
    state = in_any_order(*steps)
    assert list(state["payments"]) == sorted(state["payments"])
    assert {key: each["status"] for key, each in state["payments"].items()} == {
        "authorized:t1": "authorized",
        "captured:t1": "captured",
        "refunded:t1": "refunded",
        "voided:t1": "voided",
    }
    assert {name: euros(state)[name] for name in ("authorized", "captured", "voided", "refunded")} == dict.fromkeys(
        ("authorized", "captured", "voided", "refunded"), "50"
    )


def test_a_payment_says_what_is_known_of_it() -> None:
    made = fact(
        "payment_account.amount_refunded",
        clock(3),
        id=ORDER_ID,
        transactions=[
            {"id": 17, "instrument_id": "i", "amount": -5.0, "currency": "USD", "correlation_id": "return-1", "note": 1}
        ],
        instruments=[
            {"id": "h", "payment_method": "cash"},
            {"id": "i", "payment_method": "credit_card", "payment_wallet": "apple_pay", "payment_provider": "adyen"},
        ],
    )
    assert state_of(made)["payments"] == {
        "refunded:17": {
            "status": "refunded",
            "transaction_id": "17",
            "amount": "5",
            "currency": "USD",
            "correlation_id": "return-1",
            "instrument_id": "i",
            "payment_method": "credit_card",
            "payment_wallet": "apple_pay",
            "payment_provider": "adyen",
        }
    }


@pytest.mark.parametrize("nameless", [None, "", {"of": "odd shape"}])
def test_transactions_without_a_usable_id_are_known_by_their_fact_and_place(nameless: object) -> None:
    made = payment("captured", 3, transaction(nameless, 10), transaction("t1", 20), transaction(nameless, 10))
    state = state_of(made)
    named = set(state["payments"]) - {"captured:t1"}
    assert len(named) == 2
    assert all(key.startswith(f"captured:{made.key}#") for key in named)
    assert euros(state)["captured"] == "40"


def test_a_transaction_that_two_events_name_counts_once() -> None:
    alone = paid("captured", 3, "t1", 50)
    again = payment("captured", 4, transaction("t1", "50.00"), transaction("t2", 7))
    state = in_any_order(OPENED, alone, again)
    assert (euros(state)["captured"], list(state["payments"])) == ("57", ["captured:t1", "captured:t2"])
    assert kinds(state) == []


@pytest.mark.parametrize("other", [{"amount": 49.99}, {"currency": "USD"}])
def test_a_transaction_with_two_amounts_or_currencies_counts_as_the_latest_says_and_contradicts_itself(
    other: Json,
) -> None:
    first = paid("captured", 3, "t1", 50)
    last = payment("captured", 4, {**transaction("t1", 50), **other}, transaction("t2", 7))
    state = in_any_order(OPENED, first, last)
    assert contradiction(state, "conflicting_transactions") == ("captured:t1", [first.event, last.event])
    [found] = state["contradictions"]
    assert [each["key"] for each in found["facts"]] == [first.key, last.key]
    [kept] = [each for key, each in state["payments"].items() if key == "captured:t1"]
    assert (kept["amount"], kept["currency"]) == (str(other.get("amount", 50)), other.get("currency", "EUR"))
    sums = state["payment_sums"]
    assert sums["EUR"]["captured"] == ("7" if "currency" in other else "56.99")


def test_a_transaction_that_one_event_names_twice_contradicts_itself_if_it_differs() -> None:
    twice = payment("captured", 3, transaction("t1", 5), transaction("t1", 7, "gift_card"))
    state = in_any_order(twice)
    assert euros(state)["captured"] == "7"
    assert contradiction(state, "conflicting_transactions") == ("captured:t1", ["payment_account.amount_captured"])
    assert kinds(state_of(payment("captured", 3, transaction("t1", 5), transaction("t1", 5)))) == []


def retold(first: Json, last: Json) -> Json:
    """Return the state after two captures that name one transaction. An event's key is made of all its transactions'
    ids."""
    captures = [payment("captured", n, *told) for n, told in ((3, [first]), (4, [last, MORE]))]
    return in_any_order(OPENED, *captures)


@pytest.mark.parametrize("field", ["correlation_id", "instrument_id"])
def test_a_transaction_id_that_is_used_for_two_things_contradicts_itself(field: str) -> None:
    first, last = (transaction("t1", 50, **{field: which}) for which in ("one", "other"))
    state = retold(first, last)
    assert contradiction(state, "conflicting_transactions")[0] == "captured:t1"
    assert state["payments"]["captured:t1"][field] == "other"
    assert kinds(in_any_order(payment("captured", 3, first, last))) == ["conflicting_transactions"]
    for same in (first, first | {field: None}, first | {field: ""}):
        assert kinds(retold(first, same)) == kinds(retold(same, first)) == []


@pytest.mark.parametrize("unsaid", ["amount", "currency", "correlation_id", "instrument_id"])
@pytest.mark.parametrize("as_what", [None, "", {}])
def test_what_a_later_telling_does_not_say_stays_as_it_was(unsaid: str, as_what: object) -> None:
    first = transaction("t1", "100", "cash", correlation_id="capture-1")
    last = first | {unsaid: as_what}
    for state in (retold(first, last), retold(last, first)):
        assert state["payments"]["captured:t1"] == retold(first, first)["payments"]["captured:t1"]
        assert (euros(state)["captured"], euros(state)["balance"]) == ("100", "0")
        assert list(state["payment_sums"]["EUR"]["by_method"]) == ["cash"]
        assert (attention(state), kinds(state)) == (set(), [])


def test_how_an_instrument_pays_is_not_what_another_one_does() -> None:
    state = retold(transaction("t1", 50, "cash"), transaction("t1", 50, instrument_id="of no known method"))
    assert state["payments"]["captured:t1"]["payment_method"] is None
    again = retold(transaction("t1", 50, instrument_id="the-cash"), transaction("t1", 50, instrument_id=None))
    assert again["payments"]["captured:t1"]["payment_method"] == "cash"


def test_steps_of_one_transaction_may_differ_in_amount() -> None:
    state = in_any_order(OPENED, paid("authorized", 2, "t1", 100), paid("captured", 3, "t1", 40))
    assert kinds(state) == []
    assert euros(state)["open_authorization"] == "60"


@pytest.mark.parametrize("amount", ["-5", -5, -5.0, "5.00", 5])
def test_the_event_says_which_way_money_goes_and_not_the_sign(amount: object) -> None:
    state = in_any_order(OPENED, paid("captured", 3, "t1", 20), paid("refunded", 4, "t2", amount))
    assert state["payments"]["refunded:t2"]["amount"] == "5"
    assert (euros(state)["refunded"], euros(state)["net"]) == ("5", "15")


@pytest.mark.parametrize("amount", ["five", None, True, [5], "1,5", ""])
def test_an_unreadable_amount_is_listed_and_not_summed(amount: object) -> None:
    readable = [paid("captured", 3, "t1", 20), paid("captured", 5, "t3", 1)]
    state = in_any_order(OPENED, *readable, paid("captured", 4, "t2", amount))
    assert state["payments"]["captured:t2"]["amount"] is None
    assert euros(state)["captured"] == "21"
    assert attention(state) == {("unreadable_amount", "captured:t2")}


@pytest.mark.parametrize(
    ("authorized", "captured", "voided", "refunded", "left", "net", "balance"),
    [
        (100, 0, 0, 0, "100", "0", "100"),
        (100, 40, 10, 0, "50", "40", "60"),
        (100, 100, 0, 100, "0", "0", "0"),
        (100, 100.5, 0, 0, "0", "100.5", "-0.5"),
        (0, 20, 5, 25.5, "0", "-5.5", "80"),
    ],
)
def test_sums_add_up(
    authorized: float, captured: float, voided: float, refunded: float, left: str, net: str, balance: str
) -> None:
    sums = {"authorized": authorized, "captured": captured, "voided": voided, "refunded": refunded}
    payments = [paid(action, 2, f"{action}-1", amount) for action, amount in sums.items() if amount]
    assert euros(in_any_order(OPENED, *payments)) == {
        **{action: str(amount) for action, amount in sums.items()},
        "open_authorization": left,
        "net": net,
        "balance": balance,
    }


def test_sums_are_exact_whatever_the_length_of_their_amounts() -> None:
    long, short = "9" * 30 + "." + "9" * 30, "0." + "0" * 29 + "1"
    state = in_any_order(OPENED, paid("captured", 3, "t1", long), paid("captured", 4, "t2", short))
    assert euros(state)["captured"] == "1" + "0" * 30
    assert euros(state)["balance"] == "-" + "9" * 27 + "900"
    thirds = [paid("captured", n, f"t{n}", 0.1) for n in range(3)]
    assert euros(in_any_order(OPENED, *thirds))["captured"] == "0.3"


def test_sums_reach_from_the_greatest_amount_to_the_least() -> None:
    greatest, least = "9" * 30 + "e99", "0." + "0" * 29 + "1e-99"
    state = in_any_order(paid("captured", 1, "t1", greatest), paid("captured", 2, "t2", least))
    assert euros(state)["captured"] == "9" * 30 + "0" * 99 + "." + "0" * 128 + "1"


@pytest.mark.parametrize("opened", [{}, {"grand_total": "a lot", "currency": "EUR"}, {"currency": "EUR"}])
def test_the_balance_is_unknown_until_the_order_says_what_it_costs(opened: Json) -> None:
    state = in_any_order(fact("order.opened", clock(1), **opened), paid("captured", 3, "t1", 20))
    assert euros(state)["balance"] is None


@pytest.mark.parametrize(
    ("action", "currency", "balance"),
    [
        ("captured", "EUR", None),
        ("captured", None, None),
        ("captured", "USD", "10"),
        ("refunded", "EUR", "10"),
        ("authorized", "EUR", "10"),
    ],
)
def test_the_balance_is_unknown_while_a_capture_cannot_be_read(
    action: str, currency: str | None, balance: str | None
) -> None:
    odd = paid(action, 4, "t2", "10,00", currency=currency)
    assert euros(in_any_order(OPENED, paid("captured", 3, "t1", 90), odd))["balance"] == balance


@pytest.mark.parametrize(
    ("action", "amount", "balance"), [("captured", 10, None), ("captured", 0, "10"), ("refunded", 10, "10")]
)
def test_the_balance_is_unknown_where_a_capture_may_be_of_any_currency(
    action: str, amount: int, balance: str | None
) -> None:
    nameless = paid(action, 4, "t2", amount, currency=None)
    assert euros(in_any_order(OPENED, paid("captured", 3, "t1", 90), nameless))["balance"] == balance


def test_currencies_never_mix_and_only_the_orders_own_has_a_balance() -> None:
    state = in_any_order(OPENED, paid("captured", 3, "t1", 90), paid("captured", 3, "t2", 12, currency="USD"))
    sums = state["payment_sums"]
    assert {currency: (each["captured"], each["balance"]) for currency, each in sums.items()} == {
        "EUR": ("90", "10"),
        "USD": ("12", None),
    }
    assert attention(state) == {("currency_mismatch", "captured:t2")}


def test_what_went_by_each_method_of_payment_is_told_apart() -> None:
    state = in_any_order(
        OPENED,
        payment("authorized", 2, transaction("t1", 70), transaction("t2", 30, "gift_card")),
        payment("captured", 3, transaction("t1", 70), transaction("t2", 30, "gift_card")),
        paid("refunded", 4, "t3", 12.5, method="store_credit"),
        paid("captured", 5, "t4", 1, instrument_id="of no known method"),
    )
    zero = {"authorized": "0", "captured": "0", "voided": "0", "refunded": "0"}
    assert state["payment_sums"]["EUR"]["by_method"] == {
        "credit_card": {**zero, "authorized": "70", "captured": "70"},
        "gift_card": {**zero, "authorized": "30", "captured": "30"},
        "store_credit": {**zero, "refunded": "12.5"},
        "unknown": {**zero, "captured": "1"},
    }
