"""What a deployment says that gets only some events: nothing that other events may contradict."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

import pytest

from processors.orders.events import BIT, OTHER_REQUEST
from processors.orders.fact import Fact
from processors.orders.order_rules import OrderRules
from processors.orders.verdict.verdict import verdict
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import Json, back, clock, fact, items, paid, pieces, request, state_of
from tests.unit.processors.orders.story import Story
from tests.unit.processors.orders.test_lifecycles import LIVES
from tests.unit.processors.orders.untold_lives import UNTOLD_LIVES

NAMES: Final = frozenset(BIT) - {OTHER_REQUEST}
PAYMENTS: Final = sorted(name for name in NAMES if name.startswith("payment_account."))
STATUSES: Final = ("fulfillment_status", "payment_status", "return_status")

ENDS: Final = {"order.shipped", "order.completed", "order.cancelled", "order.items_cancelled"}
DUE: Final = {"order.opened", "order.items_swapped", *ENDS}
SENDS: Final = {"fulfillment_request.items_completed", "order.shipped", "order.completed"}
PIECES: Final = {"fulfillment_request.items_completed", *DUE}
SENT_LAST: Final = {"fulfillment_request.items_completed", "order.opened", *ENDS}
AUTHORIZED, CAPTURED, REFUNDED, VOIDED = PAYMENTS

LIST = items("A", "B", quantity=1, list_price=10)
CREATED, OPENED = (
    fact(f"order.{event}", clock(n), n=n, items=LIST, currency="EUR", grand_total=20)
    for n, event in enumerate(("created", "opened"))
)
BEGUN = [CREATED, OPENED]
A_SENT, B_SENT = request("items_completed", 4, "A"), request("items_completed", 5, "B")
ENDED = fact("order.completed", clock(6), n=6, items=items("A", "B", status="complete"))
CANCELLED = fact("order.cancelled", clock(6), n=6, items=items("A", "B"))
OFF = fact("order.items_cancelled", clock(6), n=6, items=items("A", "B"))


def heard(facts: Sequence[Fact], *left_out: str) -> Json:
    """What is said by a deployment that is not subscribed to these names."""
    return state_of(*(each for each in facts if each.event not in left_out), rules=without(*left_out))


def without(*left_out: str) -> OrderRules:
    """The rules of that deployment."""
    return OrderRules(events=NAMES - {*left_out})


def false_claims(whole: Json, part: Json) -> set[str]:
    """What `part` says otherwise than `whole`, which knows all."""
    found = {name for name in STATUSES if part[name] not in {whole[name], "unknown"}}
    for currency, sums in part["payment_sums"].items():
        found |= {name for name, sum_ in sums.items() if sum_ not in (whole["payment_sums"][currency][name], None)}
    if part["order"] and part["order"]["current_total"] not in {whole["order"].get("current_total"), None}:
        found.add("current_total")
    for kind in ("returns", "refund_requests"):
        for key, said in part[kind].items():
            if said["refund_outstanding"] not in {whole[kind][key]["refund_outstanding"], None}:
                found.add(kind)
    return found


def stories() -> list[Any]:
    told = [pytest.param([step for step, _ in steps], id=name) for name, steps in LIVES.items()]
    told += [pytest.param(facts, id=name) for name, facts in UNTOLD_LIVES.items()]
    return told + [pytest.param(list(Story(Random(seed)).tell()), id=f"story {seed}") for seed in range(40)]


@pytest.mark.thorough
@pytest.mark.parametrize("facts", stories())
def test_whatever_is_left_out_nothing_false_is_said_at_any_time(facts: list[Fact]) -> None:
    for count in range(1, len(facts) + 1):
        whole = state_of(*facts[:count])
        for name in NAMES:
            if any(each.event != name for each in facts[:count]):
                assert not false_claims(whole, heard(facts[:count], name)), (name, facts[count - 1].event)


@pytest.mark.parametrize(
    ("field", "facts", "status", "needs"),
    [
        ("fulfillment_status", [*BEGUN, CANCELLED], "not_required", {"order.opened", *SENDS}),
        ("fulfillment_status", BEGUN, "unfulfilled", SENT_LAST),
        (
            "fulfillment_status",
            [paid("captured", 3, "c", 20)],
            "unfulfilled",
            {*SENT_LAST, "order.created"},
        ),
        ("fulfillment_status", [*BEGUN, A_SENT], "partial", PIECES),
        ("fulfillment_status", [A_SENT], "partial", {*PIECES, "order.created"}),
        ("fulfillment_status", [*BEGUN, A_SENT, B_SENT], "fulfilled", {"order.opened"}),
        ("return_status", BEGUN, "none", {"return.processed"}),
        ("return_status", [*BEGUN, back("r", 8, pieces("A"))], "partial", {"return.processed", *DUE}),
        ("return_status", [*BEGUN, back("r", 8, pieces("A"), pieces("B"))], "full", {"order.opened", *SENDS}),
        ("payment_status", BEGUN, "none", {*PAYMENTS}),
        ("payment_status", [*BEGUN, paid("authorized", 2, "a", 20)], "authorized", {CAPTURED, VOIDED, REFUNDED}),
        (
            "payment_status",
            [*BEGUN, paid("authorized", 2, "a", 20), paid("captured", 3, "c", 5)],
            "partially_captured",
            {CAPTURED, VOIDED, REFUNDED, *SENT_LAST},
        ),
        (
            "payment_status",
            [*BEGUN, paid("authorized", 2, "a", 20), paid("captured", 3, "c", 20)],
            "captured",
            {AUTHORIZED, REFUNDED},
        ),
        ("payment_status", [*BEGUN, ENDED, paid("captured", 3, "c", 20)], "captured", {REFUNDED}),
        (
            "payment_status",
            [*BEGUN, paid("authorized", 2, "a", 20), paid("captured", 3, "c", 5), OFF],
            "captured",
            {REFUNDED, "order.opened", *SENDS},
        ),
        (
            "payment_status",
            [*BEGUN, paid("captured", 3, "c", 20), paid("refunded", 9, "r", 5)],
            "partially_refunded",
            {CAPTURED, REFUNDED},
        ),
        (
            "payment_status",
            [*BEGUN, paid("captured", 3, "c", 20), paid("refunded", 9, "r", 20)],
            "refunded",
            {CAPTURED},
        ),
        (
            "payment_status",
            [*BEGUN, paid("authorized", 2, "a", 20), paid("voided", 3, "v", 20)],
            "voided",
            {AUTHORIZED, CAPTURED, REFUNDED},
        ),
    ],
)
def test_a_status_is_unknown_without_what_may_make_another_one_of_it(
    field: str, facts: list[Fact], status: str, needs: set[str]
) -> None:
    assert state_of(*facts)[field] == status
    assert {name for name in NAMES if state_of(*facts, rules=without(name))[field] == "unknown"} == needs
    assert {state_of(*facts, rules=without(name))[field] for name in NAMES} <= {status, "unknown"}


def test_pieces_that_nobody_told_of_may_have_gone_out_before_the_rest_was_cancelled() -> None:
    listed = items("A", quantity=3)
    begun = [fact(f"order.{event}", clock(n), n=n, items=listed) for n, event in enumerate(("created", "opened"))]
    facts = [*begun, request("items_completed", 4, "A", "A"), fact("order.items_cancelled", clock(5), items=items("A"))]
    assert state_of(*facts)["fulfillment_status"] == "fulfilled"
    assert heard(facts, "fulfillment_request.items_completed")["fulfillment_status"] == "unknown"


def test_the_current_total_is_not_known_where_more_may_be_cancelled() -> None:
    totals = {name: state_of(*BEGUN, rules=without(name))["order"]["current_total"] for name in NAMES}
    assert {name for name, total in totals.items() if total is None} == PIECES
    assert {*totals.values()} == {"20", None}


def test_no_alarm_is_raised_by_what_events_that_do_not_come_may_explain() -> None:
    listed = items("A", "B", quantity=1, list_price=15, item_discounts=0, order_discounts=0, tax=0)
    head: Json = {"items": listed, "currency": "EUR", "grand_total": 30}
    begun = [fact(f"order.{event}", clock(n), n=n, **head) for n, event in enumerate(("created", "opened"))]
    once, twice, back_again = paid("captured", 3, "c", 30), paid("captured", 4, "d", 30), paid("refunded", 5, "r", 30)
    off, half = fact("order.items_cancelled", clock(4), items=items("B")), paid("refunded", 5, "h", 15)
    asked = fact("refund_request.issued", clock(8), id="ask", amount=20, currency="EUR")
    early = [paid("authorized", 2, "a", 30), paid("captured", 3, "e", 5), asked]
    for facts in ([*begun, once, twice, back_again], [*begun, once, off, half], [*begun, *early]):
        assert state_of(*facts)["attention"] == []
        for name in NAMES:
            assert heard(facts, name)["attention"] == [], name
    assert [each["kind"] for each in heard([*begun, once, half], "order.on_hold")["attention"]] == ["unmatched_refund"]


def test_there_are_no_sums_where_some_payments_are_never_told() -> None:
    facts = [*BEGUN, paid("authorized", 2, "a", 20), paid("captured", 3, "c", 15)]
    told = {name: state_of(*facts, rules=without(name))["payment_sums"] for name in NAMES}
    assert {name for name, found in told.items() if found == {}} == {*PAYMENTS}
    sums = state_of(*facts)["payment_sums"]
    assert told.pop("order.opened") == {"EUR": {**sums["EUR"], "balance": None}}, "its total may have been edited"
    assert all(found in ({}, sums) for found in told.values())


def test_what_went_out_for_a_return_or_request_is_not_known_without_refunds() -> None:
    asked = fact("refund_request.issued", clock(8), id="ask", amount=5, currency="EUR")
    facts = [*BEGUN, back("r", 8, pieces("A"), total_refund_amount=10, currency="EUR"), asked]
    for name in NAMES - {"return.processed", "refund_request.issued"}:
        state = OrderState.model_validate(state_of(*facts, rules=without(name)))
        returned, requested, is_told = state.returns["r"], state.refund_requests["ask"], name != REFUNDED
        assert (returned.refunded, returned.refund_outstanding) == (("0", "10") if is_told else (None, None)), name
        assert requested.refund_outstanding == ("5" if is_told else None), name


def test_the_sentence_says_what_is_not_known() -> None:
    shipped = fact("order.shipped", clock(5), n=5, items=items("A", "B", status="complete"))
    state = heard([*BEGUN, shipped, ENDED], *PAYMENTS, "return.processed", "order.opened")
    assert verdict(OrderState.model_validate(state)) == (
        "Completed · fulfilment unknown · payment unknown · returns unknown · nothing missing"
    )
