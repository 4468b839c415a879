"""What orders wait for, by the checker's own rules of money."""

from typing import Any

from tests.unit.programs.checker.said import Said, awaited, folded, given_back, money, of_items, request, wish

CAPTURED, REFUNDED = "payment_account.amount_captured", "payment_account.amount_refunded"
PRICED: dict[str, Any] = {"list_price": 30, "item_discounts": 0, "order_discounts": 0, "tax": 0, "quantity": 1}
HEAD: dict[str, Any] = {"currency": "EUR", "grand_total": 60, "price_method": "tax_excluded"}
LINES = [{"id": "a", **PRICED}, {"id": "b", **PRICED}]
BEGUN: list[Said] = [("order.created", {**HEAD, "items": LINES}), ("order.opened", {**HEAD, "items": LINES})]
PAID = [*BEGUN, money("authorized", ("a", 60)), money("captured", ("c", 60))]
SENT = [request("assigned", "a"), request("items_completed", "a")]
ENDED = of_items("completed", "a", status="complete")
ONE_OFF = of_items("items_cancelled", "b")


def test_an_item_that_was_never_paid_has_nothing_to_be_given_back() -> None:
    paid_for_one = [*BEGUN, money("captured", ("c", 30)), ONE_OFF, *SENT, ENDED, money("refunded", ("r", 30))]
    assert folded(*paid_for_one)["attention"] == [{"kind": "unmatched_refund", "subject": "refunded:r"}]
    assert folded(*PAID, ONE_OFF, *SENT, ENDED, money("refunded", ("r", 30)))["attention"] == []


def by_cash(said: Said) -> Said:
    """The same payment, in notes."""
    name, payload = said
    return name, {**payload, "instruments": [{"id": "till", "payment_method": "cash"}]}


def test_nobody_waits_for_what_cash_was_rounded_by() -> None:
    def bought(amount: float) -> list[Said]:
        both = request("assigned", "a", "b"), request("items_completed", "a", "b")
        steps = (("authorized", 60), ("captured", amount))
        paid = [by_cash(money(step, (step, value), instrument_id="till")) for step, value in steps]
        return [*BEGUN, *both, *paid, of_items("completed", "a", "b", status="complete")]

    assert awaited(*bought(59.98)) == set()
    assert awaited(*bought(59.97)) == {CAPTURED}
    asked = ("refund_request.issued", {"id": "q", "amount": 9})
    for given, left in ((8.95, set[str]()), (8.94, {f"{REFUNDED}:q"})):
        refund = by_cash(money("refunded", ("r", given), instrument_id="till", correlation_id="q"))
        assert awaited(*bought(60), asked, refund) == left
    assert awaited(*bought(60), ("refund_request.issued", {"id": "q", "amount": 0.02})) == {f"{REFUNDED}:q"}


def test_nothing_is_no_payment() -> None:
    sent = [*BEGUN, money("authorized", ("a", 60)), *SENT]
    assert CAPTURED in awaited(*sent, money("captured", ("c", 0)))
    assert CAPTURED not in awaited(*sent, money("captured", ("c", "much")))
    back = [*PAID, *SENT, ENDED, given_back("a", of="r", total_refund_amount=30)]
    for amount, left in ((0, {f"{REFUNDED}:r"}), ("much", set[str]()), (5, set[str]())):
        assert awaited(*back, money("refunded", ("m", amount), correlation_id="r")) == left
    unasked, free = money("refunded", ("m", 0), correlation_id="x"), money("captured", ("c", 0))
    assert folded(*back, unasked)["suspected"] == folded(*BEGUN, free)["suspected"] == []


def test_nothing_is_due_of_an_even_exchange_or_of_what_costs_nothing_any_more() -> None:
    even = [(name, {**said, "is_exchange": True}) for name, said in BEGUN]
    nothing = [money("authorized", ("a", 0)), money("captured", ("c", 0))]
    assert CAPTURED not in awaited(*even, *SENT, *nothing)
    assert CAPTURED in awaited(*even, *SENT, money("authorized", ("a", 60)), nothing[1])
    returned, asked = given_back("a", of="r", total_refund_amount=30), wish("q", 5)
    for paid in ([], nothing):
        assert awaited(*even, *paid, *SENT, ENDED, returned, asked) == {f"{REFUNDED}:q"}
    lines = [{"id": "a", **PRICED, "list_price": 0}, {"id": "b", **PRICED, "list_price": 60}]
    begun = [(name, {**said, "items": lines}) for name, said in BEGUN]
    assert CAPTURED in awaited(*begun, *SENT, nothing[1])
    assert CAPTURED not in awaited(*begun, *SENT, ONE_OFF) | awaited(*begun, *SENT, ONE_OFF, nothing[1])


def test_nobody_waits_for_noise() -> None:
    sent = [request(step, "a", "b") for step in ("assigned", "items_completed")]
    ended = of_items("completed", "a", "b", status="complete")
    taken = [*BEGUN, money("authorized", ("a", 60)), money("captured", ("c", "50.1")), *sent, ended]
    for left, late in (("9.9", 0), ("9.899999999999999", 0), ("9.89", 1)):
        assert len(awaited(*taken, money("voided", ("v", left)))) == late


def test_an_order_waits_for_its_last_piece_before_its_end() -> None:
    line = [{"id": "a", **PRICED, "quantity": 3}]
    begun = [(f"order.{name}", {**HEAD, "grand_total": 90, "items": line}) for name in ("created", "opened")]
    two = request("items_completed", "a", "a", logical_timestamp=1)
    sent = [
        *begun,
        money("authorized", ("p", 90)),
        money("captured", ("c", 60)),
        request("assigned", "a", "a", "a"),
        two,
    ]
    third = request("items_completed", "a", logical_timestamp=2)
    assert awaited(*sent) == set()
    assert awaited(*sent, third) == {CAPTURED, "order.completed"}
    assert awaited(*sent, of_items("items_cancelled", "a")) == {"order.completed"}
    fetched = [request(step, "a", of="q") for step in ("assigned", "items_ready_for_handover")]
    assert awaited(*sent, *fetched) == {"fulfillment_request.items_completed:q"}
    assert awaited(*sent, *fetched, of_items("items_cancelled", "a")) == {"order.completed"}
    shipped = of_items("shipped", "a")
    assert [folded(*life, shipped)["status"] for life in (sent, [*sent, third])] == ["open", "completed"]


def test_a_refund_for_goods_is_none_for_what_was_cancelled() -> None:
    life = [*PAID, ONE_OFF, *SENT, ENDED, given_back("a", total_refund_amount=30)]
    goods, rest = (money("refunded", (key, 30), correlation_id=of) for key, of in (("r", "return"), ("s", None)))
    assert awaited(*life, goods) == {REFUNDED}
    assert awaited(*life, goods, rest) == set()


def test_nobody_waits_for_a_refund_of_what_is_all_back() -> None:
    life = [*PAID, *SENT, ENDED, ("refund_request.issued", {"id": "q", "amount": 60})]
    back, asked = given_back("a", total_refund_amount=30), money("refunded", ("r", 60), correlation_id="q")
    assert awaited(*life, asked, back) == awaited(*life, asked) == set()
    assert awaited(*life, money("refunded", ("r", 50), correlation_id="q"), back) == {
        f"{REFUNDED}:q",
        f"{REFUNDED}:return",
    }
    assert awaited(*life, money("captured", ("d", "odd")), asked, back) == {f"{REFUNDED}:return"}


def test_what_cost_nothing_gives_nothing_back() -> None:
    free = [(name, {**said, "grand_total": 0}) for name, said in BEGUN]
    assert awaited(*free, *SENT, ENDED, given_back("a", total_refund_amount=30)) == set()
    assert awaited(*PAID, *SENT, ENDED, given_back("a", total_refund_amount="odd")) == {f"{REFUNDED}:return"}


def test_a_refund_for_the_return_that_an_exchange_names_is_for_something_known() -> None:
    swapped = [(name, {**said, "exchanges": [{"order_id": "o", "return_id": "r0"}]}) for name, said in BEGUN]
    life = [*swapped, *PAID[2:], *SENT, ENDED]
    known, other = (folded(*life, money("refunded", ("x", 5), correlation_id=of)) for of in ("r0", "r1"))
    assert (known["attention"], known["suspected"]) == ([], [])
    assert (len(other["attention"]), len(other["suspected"])) == (1, 1)


def test_a_refund_that_nobody_can_read_may_be_for_whatever_came_back() -> None:
    """If no payment is readable and the refund names no currency, it is in the order's."""
    life = [*BEGUN, *SENT, ENDED, given_back("a", total_refund_amount=30, currency="EUR")]
    assert f"{REFUNDED}:return" in awaited(*life)
    name, [unread] = "payment_account.amount_refunded", [{"id": "r", "amount": "odd"}]
    assert f"{REFUNDED}:return" not in awaited(*life, (name, {"transactions": [unread]}))


def test_what_came_back_or_was_swapped_takes_nothing_off_what_was_to_be_paid() -> None:
    sent = [money("authorized", ("a", 60)), request("assigned", "a", "b"), request("items_completed", "a", "b")]
    life = [*BEGUN, *sent, money("captured", ("c", 40)), of_items("completed", "a", "b", status="complete")]
    refund = money("refunded", ("r", 5), correlation_id="return")
    assert awaited(*life, given_back("b", total_refund_amount=5), refund) == {CAPTURED}
    assert awaited(*life, given_back("a", "b", total_refund_amount=5), refund) == {CAPTURED}
    assert awaited(BEGUN[0], of_items("items_swapped", "x", new_item_id="b"), *life[1:]) == {CAPTURED}


def test_an_even_exchange_that_came_back_for_a_credit_was_not_paid_either_whatever_became_of_that() -> None:
    even = [(name, {**said, "is_exchange": True}) for name, said in BEGUN]
    life = [*even, *SENT, ENDED, given_back("a", total_refund_amount=30, currency="EUR")]
    life.append(money("refunded", ("r", 30), correlation_id="return", instrument_id="credit"))
    assert awaited(*life, money("voided", ("v", 30), instrument_id="credit")) == set()
    assert awaited(*life, money("voided", ("v", 30), instrument_id="another")) == {CAPTURED}
