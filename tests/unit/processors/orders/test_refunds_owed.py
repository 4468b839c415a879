"""The list of owed refunds: returns and refund requests, until they are paid, or may be for all that is known."""

from processors.orders.apply import acknowledge, apply, mark_late
from processors.orders.fact import Fact
from processors.orders.standing import LISTS, REFUND_OUTSTANDING
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    Json,
    back,
    clock,
    fact,
    paid,
    pieces,
)
from tests.unit.processors.orders.test_standing import (
    ASKED,
    AUTHORIZED,
    CLOSED,
    CREATED,
    DONE,
    EXCHANGE,
    HEAD,
    OPENED,
    RETURNED,
    SENT,
    WHOLE,
    lists,
)


def test_a_return_or_refund_request_is_listed_until_it_is_paid() -> None:
    for said, owed in ((RETURNED, 30), (ASKED, 15)):
        name = "r" if said is RETURNED else "q"
        assert lists(*DONE, *WHOLE, said) == {REFUND_OUTSTANDING}
        part = paid("refunded", 8, "part", owed - 1, correlation_id=name)
        assert lists(*DONE, *WHOLE, said, part) == {REFUND_OUTSTANDING}
        assert lists(*DONE, *WHOLE, said, part, paid("refunded", 9, "rest", 1, correlation_id=name)) == set()
    assert lists(OPENED, RETURNED) == {REFUND_OUTSTANDING}  # completed or not
    assert lists(*DONE, *WHOLE, back("r", 7, pieces("A"), total_refund_amount=0, currency="EUR")) == set()


def charged(fee: object, adjusted: object) -> Fact:
    """A return of 30 with a fee."""
    totals: Json = {"total_refund_amount": 30, "total_refund_amount_adjusted": adjusted, "return_fee": fee}
    return back("r", 7, pieces("A"), **totals, currency="EUR")


def test_what_may_be_the_fee_of_a_return_is_not_owed() -> None:
    """NewStore sends an adjusted amount even if nobody adjusted it. The fee may be in it or not."""
    for refund, owed in ((25.05, set()), (25.050000000000001, set()), (30, set()), (25, {REFUND_OUTSTANDING})):
        gone = paid("refunded", 8, "x", refund, correlation_id="r")
        assert lists(*DONE, *WHOLE, charged(4.95, 30), gone) == owed
        assert lists(*DONE, *WHOLE, charged(-4.95, "30.00"), gone) == owed
    assert lists(*DONE, *WHOLE, charged(4.95, 29), paid("refunded", 8, "x", 24.05, correlation_id="r")) == {
        REFUND_OUTSTANDING
    }
    assert lists(*DONE, *WHOLE, charged(30, 30)) == set()
    assert lists(*DONE, *WHOLE, charged(0, 30)) == {REFUND_OUTSTANDING}


def test_what_may_be_a_fee_takes_nothing_of_a_refund_that_names_nothing() -> None:
    gone = paid("refunded", 8, "x", 25.05, correlation_id="r")
    assert lists(*DONE, *WHOLE, charged(4.95, 30), gone, ASKED, paid("refunded", 9, "y", 15)) == set()


def test_refunds_that_name_nothing_may_be_the_return_s() -> None:
    assert lists(*DONE, *WHOLE, RETURNED, paid("refunded", 8, "x", 30)) == set()
    assert lists(*DONE, *WHOLE, RETURNED, paid("refunded", 8, "x", 20)) == {REFUND_OUTSTANDING}


def test_nothing_is_owed_of_what_is_back_already_exchanged_or_free() -> None:
    assert lists(*DONE, *WHOLE, ASKED, paid("refunded", 8, "x", 70, correlation_id="q"), RETURNED) == set()
    swapped = fact("order.opened", clock(1), **HEAD, exchanges=[{"order_id": "order-1", "return_id": "r"}])
    assert lists(swapped, *WHOLE, RETURNED) == set()
    even = [fact("order.opened", clock(1), **EXCHANGE), *SENT, CLOSED]
    assert lists(*even, RETURNED) == lists(*even, RETURNED, paid("authorized", 2, "a", 0)) == set()
    assert lists(*even, ASKED) == {REFUND_OUTSTANDING}  # no exchange settles that
    assert lists(fact("order.opened", clock(1), **{**HEAD, "grand_total": 0}), RETURNED) == set()


def test_what_may_have_paid_a_return_may_have_paid_a_request() -> None:
    assert lists(*DONE, *WHOLE, ASKED, paid("refunded", 8, "x", 15)) == set()
    assert lists(*DONE, *WHOLE, ASKED, paid("refunded", 8, "x", 14)) == {REFUND_OUTSTANDING}
    assert lists(*DONE, *WHOLE, ASKED, RETURNED, paid("refunded", 8, "x", 70, correlation_id="r")) == set()
    assert lists(CREATED, OPENED, AUTHORIZED, ASKED) == {REFUND_OUTSTANDING}  # it waits for a capture


def test_whose_refund_is_set_aside_as_of_what_an_exchange_settled_is_in_no_list_of_those_to_pay() -> None:
    for said, key in ((RETURNED, "r"), (ASKED, "q")):
        late = mark_late(apply(None, [*DONE, *WHOLE, said], EVERYTHING).row, 10**14, EVERYTHING)
        assert LISTS.index(REFUND_OUTSTANDING) in late.after.standing
        name, at = f"payment_account.amount_refunded:{key}", "2030-01-01T00:00:00.000Z"
        aside = acknowledge(late.row, (name, "settled by exchange order-2", at), EVERYTHING)
        assert aside is not None
        assert LISTS.index(REFUND_OUTSTANDING) not in aside.after.standing
        again = apply(aside.row, [fact("invoice.created", clock(9))], EVERYTHING)
        assert LISTS.index(REFUND_OUTSTANDING) not in again.after.standing


def test_what_nobody_can_read_is_not_owed() -> None:
    assert lists(*DONE, *WHOLE, back("r", 7, pieces("A"), total_refund_amount="30,00", currency="EUR")) == set()
    assert lists(*DONE, *WHOLE, RETURNED, paid("refunded", 8, "x", "30,00", correlation_id="r")) == set()
