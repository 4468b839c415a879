"""The checker's own fold of payments and refunds, on orders worked out by hand from the rules."""

from typing import Any

import pytest

from tests.unit.programs.checker.said import Said, folded, given_back, listed, money, wish

OPENED = listed("opened", "a", currency="EUR", grand_total=100)


def test_a_capture_and_a_refund_may_have_one_transaction_id() -> None:
    state = folded(OPENED, money("captured", ("cash", 60), ("gift", 40)), money("refunded", ("cash", -60)))
    assert sorted(state["payments"]) == ["captured:cash", "captured:gift", "refunded:cash"]
    assert state["payment_sums"]["EUR"] | {"by_method": {}} == {
        "authorized": "0",
        "captured": "100",
        "voided": "0",
        "refunded": "60",
        "open_authorization": "0",
        "net": "40",
        "balance": "0",
        "by_method": {},
    }
    assert state["payment_status"] == "partially_refunded"
    assert state["suspected"] == ["payment_account.amount_authorized"]


def test_one_transaction_counts_once_and_may_not_be_of_two_amounts() -> None:
    state = folded(OPENED, money("captured", ("t", "1.00")), money("captured", ("t", 1), ("u", 2)))
    assert state["payment_sums"]["EUR"]["captured"] == "3"
    assert state["contradictions"] == []
    state = folded(OPENED, money("captured", ("t", 1)), money("captured", ("t", 5)))
    assert state["payment_sums"]["EUR"]["captured"] == "5"
    assert state["contradictions"] == [("conflicting_transactions", "captured:t", ["0:1", "0:2"])]


@pytest.mark.parametrize("field", ["correlation_id", "instrument_id"])
def test_one_transaction_is_not_for_two_things(field: str) -> None:
    told = [money("captured", ("t", 1), **{field: which}) for which in ("a", "b", None)]
    assert [kind for kind, *_ in folded(OPENED, *told[:2])["contradictions"]] == ["conflicting_transactions"]
    assert folded(OPENED, told[0], told[2])["contradictions"] == []
    assert folded(OPENED, *told)["payments"]["captured:t"][field] == "b"


def test_what_is_left_out_later_is_known_all_the_same() -> None:
    name, paid = money("captured", ("t", 100), instrument_id="i")
    paid = {**paid, "instruments": [{"id": "i", "payment_method": "cash"}]}
    bare = ("payment_account.amount_captured", {"transactions": [{"id": "t", "amount": "much"}]})
    state = folded(OPENED, (name, paid), bare)
    assert (state["payment_sums"]["EUR"]["by_method"].keys(), state["attention"]) == ({"cash"}, [])
    other = money("captured", ("t", 100), instrument_id="j")
    assert folded(OPENED, (name, paid), other)["payments"]["captured:t"]["payment_method"] is None


def test_how_an_instrument_pays_is_known_by_the_last_that_says_it_unless_its_own_events_do() -> None:
    def by(instrument: str, action: str, **said: str) -> Said:
        name, moved = money(action, ("t", 10), instrument_id=instrument)
        return name, {**moved, "instruments": [{"id": instrument, **said}] if said else []}

    first = by("i", "authorized", payment_method="gift_card", payment_provider="acme")
    state = folded(OPENED, first, by("i", "captured"), by("i", "voided", payment_method="cash"), by("j", "refunded"))
    assert [each["payment_method"] for each in state["payments"].values()] == ["gift_card", "cash", "cash", None]
    assert [each["payment_provider"] for each in state["payments"].values()] == ["acme", "acme", None, None]
    assert state["payment_sums"]["EUR"]["by_method"].keys() == {"gift_card", "cash", "unknown"}


def test_sums_are_exact() -> None:
    large = "123456789012345678901234567890.123456789012345678901234567891"
    state = folded(money("authorized", ("t", large), ("u", "1e-28")))
    assert state["payment_sums"]["EUR"]["authorized"] == large[:-3] + "991"


@pytest.mark.parametrize(
    ("moved", "status"),
    [
        ([], "none"),
        ([money("authorized", ("t", None))], "unknown"),
        ([money("authorized", ("t", 0)), money("captured", ("t", None))], "unknown"),
        ([money("authorized", ("t", 0)), money("captured", ("t", 0))], "captured"),
        ([money("authorized", ("t", 0)), money("voided", ("t", 0))], "authorized"),
        ([money("voided", ("t", 0))], "unknown"),
        ([money("authorized", ("t", 100))], "authorized"),
        ([money("authorized", ("t", 100)), money("captured", ("u", 60))], "partially_captured"),
        ([money("authorized", ("t", 100)), money("captured", ("u", 60)), money("voided", ("v", 40))], "captured"),
        ([money("authorized", ("t", 100)), money("captured", ("u", 60)), ("order.completed", {})], "captured"),
        ([money("captured", ("u", 60))], "captured"),
        ([money("refunded", ("u", 60))], "partially_refunded"),
        ([money("captured", ("t", 60)), money("refunded", ("u", 60.01))], "refunded"),
        ([money("captured", ("t", 60)), money("refunded", ("u", 59.995))], "refunded"),
        ([money("captured", ("t", 60)), money("refunded", ("u", 59.994))], "partially_refunded"),
        ([money("authorized", ("t", 60.005)), money("captured", ("u", 60))], "captured"),
        ([money("authorized", ("t", 60.005)), money("voided", ("u", 60))], "voided"),
        ([money("authorized", ("t", 60)), money("voided", ("u", 65))], "voided"),
        ([money("voided", ("u", 5))], "voided"),
        ([money("captured", ("t", 60)), money("refunded", ("u", 60), currency="USD")], "captured"),
    ],
)
def test_payment_status(moved: list[Said], status: str) -> None:
    assert folded(OPENED, *moved)["payment_status"] == status


@pytest.mark.parametrize(
    ("amount", "outstanding"),
    [(20, "0"), (19, "20"), (21, "20"), (20.00000000000001, "0"), (20.01, "20"), (0.004, "20")],
)
def test_a_refund_that_names_itself_is_for_what_is_still_owed_if_it_is_as_much(amount: float, outstanding: str) -> None:
    said = [
        money("captured", ("c", 100)),
        given_back("a", total_refund_amount=60),
        money("refunded", ("r", 40), correlation_id="return"),
        money("refunded", ("order-1-credit", amount), correlation_id="credit"),
    ]
    state = folded(OPENED, *said)
    assert state["returns"]["return"]["refund_outstanding"] == outstanding
    assert len(state["unmatched_refunds"]) == len(state["attention"]) == (outstanding == "20")
    assert state["payments"]["refunded:order-1-credit"]["correlation_id"] == "credit"


def test_what_was_promised_has_no_sign() -> None:
    fields = ("total_refund_amount", "total_refund_amount_adjusted")
    for field in fields:
        totals: dict[str, Any] = {field: "-10.0", "return_fee": "-2"}
        said = folded(OPENED, given_back("a", **totals), wish("q", -5))
        promised, asked = said["returns"]["return"], said["refund_requests"]["q"]
        assert (promised[field], promised["return_fee"]) == ("10", "2")
        assert promised["refund_outstanding"] == ("8" if field == fields[0] else "10")
        assert (asked["amount"], asked["refund_outstanding"]) == ("5", "5")


def test_a_refund_belongs_to_a_return_or_to_a_request() -> None:
    promised: dict[str, Any] = {"total_refund_amount": 189.44, "return_fee": 5}
    state = folded(
        listed("created", "a"),
        OPENED,
        given_back("a", **promised),
        ("refund_request.issued", {"id": "request", "amount": 5.0}),
        money("refunded", ("t", 86.6), correlation_id="return"),
        money("refunded", ("u", -5), correlation_id="request"),
        money("refunded", ("v", 1), correlation_id="stranger"),
        money("refunded", ("w", 2)),
    )
    assert [state["returns"]["return"][field] for field in ("refunded", "refund_outstanding")] == ["86.6", "97.84"]
    assert state["refund_requests"]["request"]["refund_outstanding"] == "0"
    assert [refund["payment"] for refund in state["unmatched_refunds"]] == ["refunded:v", "refunded:w"]
    assert state["suspected"] == ["return_or_refund_request:refunded:v"]
    adjusted = folded(OPENED, given_back("a", total_refund_amount_adjusted=180, **promised))
    assert adjusted["returns"]["return"]["refund_outstanding"] == "180"


@pytest.mark.parametrize(
    ("promised", "outstanding"),
    [
        ({"return_fee": "4,95"}, None),
        ({"return_fee": ""}, "50"),
        ({"total_refund_amount_adjusted": "40,00"}, None),
        ({"total_refund_amount_adjusted": 40, "return_fee": "4,95"}, "40"),
    ],
)
def test_what_cannot_be_read_is_not_what_is_not_there(promised: dict[str, Any], outstanding: str | None) -> None:
    state = folded(OPENED, given_back("a", total_refund_amount=50, **promised))
    assert state["returns"]["return"]["refund_outstanding"] == outstanding


def test_a_fee_takes_no_more_than_there_is_to_give_back() -> None:
    state = folded(OPENED, given_back("a", total_refund_amount=50, return_fee=50.01))
    assert state["returns"]["return"]["refund_outstanding"] == "0"


@pytest.mark.parametrize(
    ("action", "currency", "due"), [("captured", "EUR", None), ("captured", None, None), ("refunded", "EUR", "40")]
)
def test_what_is_due_is_not_known_where_a_capture_cannot_be_read(
    action: str, currency: str | None, due: str | None
) -> None:
    state = folded(OPENED, money("captured", ("t", 60)), money(action, ("u", "4,00"), currency=currency))
    assert state["payment_sums"]["EUR"]["balance"] == due


def test_what_is_due_is_known_in_the_currency_of_the_order_only() -> None:
    sums = folded(OPENED, money("captured", ("t", 60)), money("captured", ("u", 5), currency="USD"))["payment_sums"]
    assert (sums["EUR"]["balance"], sums["USD"]["balance"]) == ("40", None)


def test_what_somebody_should_look_at() -> None:
    dollars = money("captured", ("v", 1), currency="USD")
    state = folded(OPENED, money("captured", ("t", 101), ("u", "much")), money("refunded", ("t", 102)), dollars)
    assert [tuple(each.values()) for each in state["attention"]] == [
        ("currency_mismatch", "captured:v"),
        ("refunded_more_than_captured", "EUR"),
        ("unmatched_refund", "refunded:t"),
        ("unreadable_amount", "captured:u"),
    ]


def test_who_gets_back_what_was_beyond_the_price_need_not_say_for_what() -> None:
    nameless = money("refunded", ("r", 100))
    unmatched = [{"kind": "unmatched_refund", "subject": "refunded:r"}]
    assert folded(OPENED, money("captured", ("c", 100), ("d", 100)), nameless)["attention"] == []
    assert folded(OPENED, money("captured", ("c", 100)), nameless)["attention"] == unmatched
    assert folded(OPENED, money("captured", ("c", 120)), nameless)["attention"] == unmatched


def test_who_has_it_back_by_asking_does_not_get_it_in_silence_again() -> None:
    asked = wish("q", 50), money("refunded", ("q", 50), correlation_id="q")
    for amount, found in ((50, ["unmatched_refund"]), (20, ["unmatched_refund"])):
        again = money("refunded", ("r", amount))
        kinds = [each["kind"] for each in folded(OPENED, money("captured", ("c", 150)), *asked, again)["attention"]]
        assert kinds == found
    more = folded(OPENED, money("captured", ("c", 160)), *asked, money("refunded", ("r", 60)))
    assert more["attention"] == []


def test_who_has_all_back_was_not_overcharged() -> None:
    back = given_back("a", total_refund_amount=110), money("refunded", ("r", 110), correlation_id="return")
    assert folded(OPENED, money("captured", ("c", 110)), *back)["attention"] == []


def test_a_refund_for_goods_leaves_what_was_taken_twice_where_it_is() -> None:
    twice = money("captured", ("c", 100), ("d", 100))
    back = given_back("a", total_refund_amount=100), money("refunded", ("r", 100), correlation_id="return")
    over = [{"kind": "over_captured", "subject": "EUR"}]
    assert folded(OPENED, twice, *back)["attention"] == over
    assert folded(OPENED, money("captured", ("c", 100)), *back)["attention"] == []
    dollars = money("refunded", ("r", 30), correlation_id="return", currency="USD")
    abroad = folded(OPENED, money("captured", ("c", 100)), given_back("a", total_refund_amount=30), dollars)
    assert [each["kind"] for each in abroad["attention"]] == ["currency_mismatch", "unmatched_refund"]


def test_no_refund_is_added_to_one_of_another_currency() -> None:
    refunds = [money("refunded", (c, 30), correlation_id="return", currency=c or None) for c in ("USD", "EUR", "")]
    for promised, refunded, outstanding in (
        ("EUR", "60", "40"),
        ("USD", "60", "40"),
        ("GBP", "30", "70"),
        (None, "60", "40"),
    ):
        state = folded(OPENED, given_back("a", total_refund_amount=100, currency=promised), *refunds)
        kept = state["returns"]["return"]
        assert (kept["refunded"], kept["refund_outstanding"]) == (refunded, outstanding)
        assert len(state["unmatched_refunds"]) == (2 if promised == "GBP" else 1)
    kept = folded(given_back("a", total_refund_amount=100), *refunds)["returns"]["return"]
    assert (kept["refunded"], kept["refund_outstanding"]) == ("60", None)


def test_a_refund_of_nothing_is_for_nothing() -> None:
    assert folded(OPENED, money("captured", ("c", 1)), money("refunded", ("r", 0)))["attention"] == []


def test_more_than_a_return_gives_back_is_too_much() -> None:
    back = money("refunded", ("r", 20), ("s", 20), correlation_id="return")
    state = folded(OPENED, money("captured", ("c", 100)), given_back("a", total_refund_amount=20), back)
    assert state["attention"] == [{"kind": "refunded_more_than_promised", "subject": "return"}]


def test_of_what_is_known_in_part_only_that_is_too_much_which_certainly_is() -> None:
    promised = money("authorized", ("a", 50), instrument_id="card"), money("captured", ("c", 55), instrument_id="card")
    doubts = [OPENED, *promised, wish("q", 60), money("refunded", ("r", 70))]
    assert len(folded(*doubts)["attention"]) == 4
    assert folded(*doubts, in_part=True)["attention"] == []
    over = [{"kind": "over_captured", "subject": "EUR"}]
    assert folded(OPENED, money("captured", ("c", 101)), in_part=True)["attention"] == over
    assert folded(*doubts, in_part=True)["suspected"] == []


def test_a_payment_without_a_currency_is_of_no_other_one() -> None:
    assert folded(OPENED, money("captured", ("c", 1), currency=None))["attention"] == []


def test_but_it_may_be_of_any() -> None:
    for action, amount, balance in (("captured", 1, None), ("captured", 0, "40"), ("refunded", 1, "40")):
        state = folded(OPENED, money("captured", ("c", 60)), money(action, ("d", amount), currency=None))
        assert state["payment_sums"]["EUR"]["balance"] == balance


def test_who_asks_for_more_than_was_taken_and_what_one_instrument_gave_too_much() -> None:
    asked, more = ([wish(name, amount, **said) for name, said in ASKED.items()] for amount in (50, 50.01))
    two = [("a", 50), ("b", 50)]
    moved = [money("authorized", *two), money("captured", ("c", 55), instrument_id="card")]
    assert folded(OPENED, *moved, *asked)["attention"] == []
    state = folded(OPENED, *moved, *more)
    assert [tuple(each.values()) for each in state["attention"]] == [("requested_more_than_captured", "EUR")]
    over = folded(OPENED, money("authorized", ("a", 50), instrument_id="card"), moved[1])
    assert [tuple(each.values()) for each in over["attention"]] == [("over_captured", "card")]
    anybodys = folded(
        OPENED, money("authorized", ("a", 50), instrument_id="card"), money("authorized", ("b", 5)), moved[1]
    )
    assert anybodys["attention"] == []


ASKED = {"one": {"currency": "EUR"}, "two": {}, "three": {"currency": "USD"}}
