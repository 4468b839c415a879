"""What the checker takes as kept or as given back for something else, on orders worked out by hand from the rules."""

import pytest

from tests.unit.programs.checker.said import Said, awaited, folded, given_back, listed, money, of_items, wish

BOUGHT = [
    listed("created", "a", "b", currency="EUR", grand_total=100),
    listed("opened", "a", "b", currency="EUR", grand_total=100),
    money("authorized", ("p", 100), instrument_id="card"),
    money("captured", ("c", 100), instrument_id="card"),
]
CREDITED = [
    given_back("a", total_refund_amount=60),
    money("refunded", ("credit", 60), correlation_id="return", instrument_id="credit"),
]
OUT = money("refunded", ("r", 5), correlation_id="elsewhere", instrument_id="card")


def voided(amount: float, *, name: str = "elsewhere", instrument: str = "credit") -> Said:
    return money("voided", ("v", amount), correlation_id=name, instrument_id=instrument)


@pytest.mark.parametrize(
    ("void", "looked_at"),
    [
        (voided(5), 0),
        (voided(6), 0),
        (voided(60.00000000000001), 0),
        (voided(60.01), 1),
        (voided(4.99), 1),
        (voided(5, name="other"), 1),
        (voided(5, instrument="card"), 1),
        (voided(5, instrument="another"), 1),
    ],
)
def test_what_another_order_gives_back_is_told_by_the_void_of_the_credit_that_paid_it(
    void: Said, looked_at: int
) -> None:
    state = folded(*BOUGHT, *CREDITED, OUT, void)
    assert len(state["attention"]) == len(state["suspected"]) == looked_at
    assert [each["payment"] for each in state["unmatched_refunds"]] == ["refunded:r"]


def test_it_is_for_no_return_of_its_own_order_and_gives_nothing_of_it_back() -> None:
    more = given_back("b", of="second", total_refund_amount=40)
    out = money("refunded", ("r", 40), correlation_id="elsewhere", instrument_id="card")
    owed = "payment_account.amount_refunded:second"
    assert owed not in awaited(*BOUGHT, *CREDITED, more, out)
    assert owed in awaited(*BOUGHT, *CREDITED, more, out, voided(40))
    again = money("captured", ("d", 5), instrument_id="gift")
    assert folded(*BOUGHT, again, *CREDITED, OUT, voided(5))["attention"] == [
        {"kind": "over_captured", "subject": "EUR"}
    ]


def test_what_nobody_can_price_may_have_been_given_back_as_far_as_something_is_left_for_the_rest() -> None:
    def looked_at(amount: float, *more: Said, off: str = "b") -> int:
        refund = money("refunded", ("r", amount), correlation_id="reduction")
        return len(folded(*BOUGHT, of_items("items_cancelled", off), refund, *more)["attention"])

    assert [looked_at(amount) for amount in (30, 99.99, 100)] == [0, 0, 1]
    assert [looked_at(30, given_back("a", total_refund_amount=each)) for each in (70, 70.01)] == [0, 1]
    assert looked_at(30, off="stranger") == 1
    assert len(folded(*BOUGHT, money("refunded", ("r", 30)))["attention"]) == 1
    owed = "payment_account.amount_refunded:return"
    refund = money("refunded", ("r", 30), correlation_id="reduction")
    back = given_back("a", total_refund_amount=30)
    assert owed in awaited(*BOUGHT, of_items("items_cancelled", "b"), refund, back)
    assert owed not in awaited(*BOUGHT, refund, back)


def test_a_credit_that_is_voided_and_paid_out_under_the_name_of_its_return_went_out_once() -> None:
    cash = money("refunded", ("r", 60), correlation_id="return", instrument_id="cash")
    beyond = [{"kind": "refunded_more_than_promised", "subject": "return"}]
    assert folded(*BOUGHT, *CREDITED, voided(60, name="return"), cash)["attention"] == []
    for void in (voided(59.99, name="return"), voided(60), voided(60, name="return", instrument="another")):
        assert beyond[0] in folded(*BOUGHT, *CREDITED, void, cash)["attention"]
    more = given_back("b", of="second", total_refund_amount=40)
    owed = "payment_account.amount_refunded:second"
    assert owed not in awaited(*BOUGHT, *CREDITED, more, cash)
    assert owed in awaited(*BOUGHT, *CREDITED, more, cash, voided(60, name="return"))


@pytest.mark.parametrize(("issued", "before"), [(60, 0), (40, 0), (40, 20), (75, 0)])
def test_so_it_did_under_the_name_of_a_refund_request(issued: int, before: int) -> None:
    credit = money("refunded", ("credit", issued), correlation_id="ask", instrument_id="credit")
    first, then = (
        money("refunded", (key, amount), correlation_id="ask", instrument_id="cash")
        for key, amount in (("first", before), ("then", 60 - before))
    )
    life = [*BOUGHT, wish("ask", 60), credit, first, then, given_back("b", of="second", total_refund_amount=40)]
    owed = "payment_account.amount_refunded:second"
    assert owed not in awaited(*life)
    assert owed in awaited(*life, voided(issued, name="ask"))
    assert folded(*life, voided(issued, name="ask"))["attention"] == []


@pytest.mark.parametrize("name", ["credit", "return"])
def test_a_credit_that_names_itself_and_is_paid_out_otherwise_is_for_nothing_but_the_rest_of_it(name: str) -> None:
    credit = money("refunded", ("credit", 60), correlation_id="credit", instrument_id="credit")
    life = [*BOUGHT, given_back("a", total_refund_amount=60), credit]
    more = given_back("b", of="second", total_refund_amount=40)
    owed = "payment_account.amount_refunded:second"

    def cash(amount: float) -> Said:
        return money("refunded", ("r", amount), correlation_id="return", instrument_id="cash")

    whole = folded(*life, voided(60, name=name), cash(60))
    assert (whole["attention"], whole["suspected"]) == ([], [])
    assert whole["returns"]["return"]["refund_outstanding"] == "0"
    assert owed in awaited(*life, voided(60, name=name), cash(60), more)
    in_part = folded(*life, voided(20, name=name), cash(20))
    assert (in_part["attention"], in_part["returns"]["return"]["refund_outstanding"]) == ([], "-20")
    assert owed in awaited(*life, voided(20, name=name), cash(20), more)
    assert folded(*life, voided(60), cash(60))["attention"] == [
        {"kind": "unmatched_refund", "subject": "refunded:credit"}
    ]
    assert folded(*life, voided(60, name=name))["returns"]["return"]["refund_outstanding"] == "0"
    as_much = given_back("b", of="second", total_refund_amount=60)
    assert owed not in awaited(*life, as_much, voided(30, name=name, instrument="another"), cash(30))
    assert owed in awaited(*life, as_much, voided(30, name=name), cash(30))
