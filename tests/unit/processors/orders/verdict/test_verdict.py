"""The one sentence that says how an order is."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from processors.orders.verdict.findings import Severity, worst
from processors.orders.verdict.verdict import verdict
from schemas.order_state import OrderState
from tests.unit.commands.order.orders import document, order, shipped_and_paid
from tests.unit.processors.orders.facts import Json, back, fact, items, paid, pieces, request


@pytest.mark.parametrize(
    ("life", "sentence"),
    [
        (
            "cash_and_gift_card",
            (
                "Completed · fulfilled 2/2 · captured 245.83 USD, partially refunded 82.52 USD"
                " · partly returned · nothing missing"
            ),
        ),
        ("partial_captures", "Open · partly fulfilled 2/3 · partially captured 220.05 EUR · nothing missing"),
        (
            "mixed_currencies",
            (
                "Completed · fulfilled 1/1 · captured 100 EUR, refunded 20 USD · all returned · nothing missing"
                " · 1 to look at"
            ),
        ),
    ],
)
def test_an_order_that_is_whole(life: str, sentence: str) -> None:
    assert verdict(OrderState.model_validate(document(life))) == sentence


def test_an_order_of_which_an_event_is_missing_is_provisional_whatever_it_is_so_far() -> None:
    sentence = verdict(order(*shipped_and_paid(opened=False)))
    assert sentence.startswith("Provisional: order.opened has not arrived · so far completed · ")
    assert "nothing missing" not in sentence


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["a"], "Provisional: a has not arrived"),
        (["a", "b"], "Provisional: a and b have not arrived"),
        (["a", "b", "c", "d"], "Provisional: a, b and 2 more have not arrived"),
    ],
)
def test_many_missing_events_do_not_make_it_longer(missing: list[str], said: str) -> None:
    assert verdict(order(*shipped_and_paid(), missing=missing, provisional=True)).startswith(f"{said} · ")


EARLY, LATE = ({"due": f"2024-05-01T10:{minute}:02.000Z", "needed_by": "0:1"} for minute in ("15", "16"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, " (due 2024-05-01 10:16:02 UTC)"),
        ({"missing": ["a", "b", "order.opened"]}, " (due 2024-05-01 10:15:02 UTC)"),
        ({"missing": ["b"]}, ""),
        ({"acknowledged": [{"name": "order.opened", "reason": "lost", "at": "2024-05-01T10:00:00.000Z"}]}, ""),
        ({"partial_history": True}, ""),
        ({"suspected": ["maybe_never_sent"]}, ""),
        ({"awaited": None}, ""),
        ({"incomplete": True}, ""),
    ],
)
def test_what_is_waited_for_says_until_when(changed: Json, said: str) -> None:
    """The earliest of several times counts. Only the answer about one order tells it."""
    fields: Json = {"missing": ["order.opened"], "provisional": True, "awaited": {"order.opened": LATE, "a": EARLY}}
    opening = verdict(order(*shipped_and_paid(), **(fields | changed))).partition(" · ")[0]
    assert opening.endswith(said or ("in time" if "incomplete" in changed else "not arrived"))


def test_after_the_deadline_it_is_incomplete() -> None:
    state = order(*shipped_and_paid(), missing=["order.opened"], provisional=True, incomplete=True)
    assert verdict(state).startswith("Incomplete: order.opened did not arrive in time · ")
    assert worst(state) == Severity.ALARM


ASIDE: Json = {"name": "order.opened", "reason": "lost", "at": "2024-05-01T10:00:00.000Z"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        # when the last event came, both were late, or only the one due first
        ({"last_received_at": "2024-05-01T10:16:02.000Z"}, "a and order.opened did not arrive in time"),
        ({"last_received_at": "2024-05-01T10:16:01.999Z"}, "a did not arrive in time, order.opened has not arrived"),
        ({"last_received_at": "2024-05-01T10:00:02.000Z"}, "a did not arrive in time, order.opened has not arrived"),
        (
            {"missing": ["a", "b", "c", "d", "order.opened"]},
            "a did not arrive in time, b, c and 2 more have not arrived",
        ),
        # nobody waits for what was set aside
        ({"acknowledged": [ASIDE]}, "a did not arrive in time"),
        ({"acknowledged": [{**ASIDE, "name": "a"}]}, "order.opened did not arrive in time"),
        # where nothing tells the times, one of them is late
        ({"awaited": None}, "a and order.opened have not arrived"),
        ({"awaited": None, "acknowledged": [ASIDE]}, "a did not arrive in time"),
    ],
)
def test_only_what_is_late_and_not_set_aside_did_not_arrive_in_time(changed: Json, said: str) -> None:
    fields: Json = {"missing": ["a", "order.opened"], "provisional": True, "incomplete": True}
    fields |= {"awaited": {"a": EARLY, "order.opened": LATE}, "last_received_at": "2024-05-01T10:00:06.000Z"}
    state = order(*shipped_and_paid(), **(fields | changed))
    assert verdict(state).partition(" · ")[0] == f"Incomplete: {said}"
    assert worst(state) == Severity.ALARM


def test_pieces_are_not_counted_where_the_list_is_not_known() -> None:
    assert " · partly fulfilled 1/unknown · " in verdict(order(request("items_completed", 1, "A")))


def test_nothing_is_claimed_of_an_order_that_only_its_return_tells_of() -> None:
    sentence = verdict(order(back("r", 1, pieces("A"))))
    assert sentence == (
        "Provisional: order.created has not arrived · so far open · fulfilment unknown · no payment seen"
        " · partly returned"
    )


def test_a_document_without_its_items_still_says_how_far_it_is() -> None:
    state = order(*shipped_and_paid(), items={}, truncated=["items"])
    assert " · fulfilled · " in verdict(state)


def test_pieces_are_not_counted_where_a_quantity_is_not_known() -> None:
    said: Json = {"items": items("A"), "currency": "EUR"}
    facts = (fact("order.created", **said), fact("order.opened", **said), request("assigned", 1, "A"))
    assert " · unfulfilled · " in verdict(order(*facts))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([], "unfulfilled 0/2"),
        ([request("items_completed", 2, "A")], "partly fulfilled 1/2"),
        # what a request names is due, whether it is in the list or not
        ([request("assigned", 1, "X"), fact("order.completed", items=items("X", quantity=2))], "unfulfilled 0/4"),
        # what only the end names is due, too, but the document does not say so: no numbers rather than wrong ones
        (
            [request("items_completed", 2, "A", "B"), fact("order.completed", items=items("X", quantity=2))],
            "partly fulfilled",
        ),
        ([fact("order.cancelled", items=[])], "nothing to fulfil"),
    ],
)
def test_pieces_are_counted_where_they_say_what_the_status_says(facts: list[Fact], said: str) -> None:
    head: Json = {"items": items("A", "B", quantity=1), "grand_total": 10}
    begun = [fact(event, **head) for event in ("order.created", "order.opened")]
    assert f" · {said} · " in verdict(order(*begun, *facts))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("gift-wrapping", "partly fulfilled 1/2"),
        ("shipping", "partly fulfilled 1/2"),
        ("product", "partly fulfilled 1/3"),
    ],
)
def test_what_is_not_sent_by_itself_is_no_piece(kind: str, said: str) -> None:
    lines = [*items("A", "B", quantity=1), *items("W", quantity=1, item_type=kind)]
    begun = [fact(event, items=lines) for event in ("order.created", "order.opened")]
    assert f" · {said} · " in verdict(order(*begun, request("items_completed", 2, "A")))


@pytest.mark.parametrize(
    ("cancelled", "said"),
    [([], "partly fulfilled 2/5"), (["A", "A"], "partly fulfilled"), (["B"], "partly fulfilled 2/4")],
)
def test_pieces_are_not_counted_where_some_of_an_item_may_be_cancelled(cancelled: list[str], said: str) -> None:
    """The document does not say how many of them."""
    lines = [
        {**line, "quantity": quantity, "list_price": 10, "item_discounts": 0, "order_discounts": 0, "tax": 0}
        for line, quantity in zip(items("A", "B"), (4, 1), strict=True)
    ]
    head: Json = {"items": lines, "currency": "EUR", "grand_total": 50, "price_method": "tax_included"}
    begun = [fact(event, **head) for event in ("order.created", "order.opened")]
    off = [fact("order.items_cancelled", items=items(*cancelled))] if cancelled else []
    assert f" · {said} · " in verdict(order(*begun, *off, request("items_completed", 2, "A", "A")))


def test_an_item_of_no_pieces_is_nothing_that_is_due() -> None:
    lines = [*items("A", quantity=1), *items("B", quantity=0)]
    facts = [fact(event, items=lines) for event in ("order.created", "order.opened")]
    assert " · fulfilled 1/1 · " in verdict(order(*facts, request("items_completed", 2, "A", "B")))


@pytest.mark.parametrize(
    ("is_exchange", "said"), [(None, "no payment seen"), (False, "no payment seen"), (True, "settled by exchange")]
)
def test_an_even_exchange_is_not_unpaid(is_exchange: bool | None, said: str) -> None:
    assert f" · {said} · " in verdict(order(fact("order.created", is_exchange=is_exchange, items=items("A"))))


def test_an_exchange_that_was_cancelled_settles_nothing() -> None:
    cancelled = [fact("order.created", is_exchange=True, items=items("A")), fact("order.cancelled", items=[])]
    assert verdict(order(*cancelled)) == "Cancelled · nothing to fulfil · no payment seen · nothing missing"


def test_of_a_free_order_it_is_known_how_much_was_paid() -> None:
    free = shipped_and_paid(total=0)
    assert " · captured 0 EUR · " in verdict(order(*free))
    assert " · authorized 0 EUR · " in verdict(order(*free[:5]))
    elsewhere = paid("authorized", 1, "t3", 0, currency="USD")
    assert " · authorized 0 EUR and 0 USD · " in verdict(order(*free[:5], elsewhere))
    assert " · captured unknown · " in verdict(order(*shipped_and_paid(), payment_sums={}))


def test_an_amount_that_cannot_be_read_is_not_nothing() -> None:
    facts = [*shipped_and_paid(), paid("captured", 7, "t3", "much")]
    assert " · captured unknown EUR · " in verdict(order(*facts))


def test_a_refund_without_its_capture_does_not_claim_one() -> None:
    sentence = verdict(order(back("r", 1, pieces("A")), paid("refunded", 2, "t", 5, correlation_id="r")))
    assert " · partially refunded 5 EUR · " in sentence
    assert "captured" not in sentence


def test_money_that_went_back_in_another_currency_is_told() -> None:
    """The status is about the order's own currency: nothing of that went back."""
    facts = [*shipped_and_paid(), paid("refunded", 9, "r", 86.5, currency="GBP")]
    assert " · captured 58 EUR, refunded 86.50 GBP · " in verdict(order(*facts))


def test_a_cancelled_order_does_not_claim_to_hold_what_was_voided_after_it_was_captured() -> None:
    """So it is with a gift card, which is charged at once."""
    gift = [
        paid(action, second, "g", 70, method="gift_card") for second, action in enumerate(("authorized", "captured"))
    ]
    cancelled = [fact("order.created", items=items("A")), *gift, fact("order.cancelled", items=[])]
    assert " · captured 70 EUR · " in verdict(order(*cancelled))
    voided = paid("voided", 9, "g", 70, method="gift_card")
    assert " · captured 70 EUR, voided 70 EUR · " in verdict(order(*cancelled, voided))


UNPROCESSED = [{"event": "order.completed", "key": "k", "source": "0:7", "reason": "odd"}]


@pytest.mark.parametrize(
    ("fields", "said", "colour"),
    [
        ({}, "nothing missing", Severity.NOTE),
        ({"suspected": ["x"]}, "nothing missing · 1 event suspected", Severity.WARNING),
        ({"stalled": ["x"]}, "nothing missing · waiting for x", Severity.WARNING),
        ({"attention": [{"kind": "k", "subject": "s"}] * 2}, "nothing missing · 2 to look at", Severity.WARNING),
        ({"contradictions": [{"kind": "k", "facts": []}]}, "nothing missing · 1 contradiction", Severity.ALARM),
        ({"partial_history": True}, "its history is known in part", Severity.NOTE),
        ({"missing": ["x"], "unprocessed": UNPROCESSED}, "1 event could not be used", Severity.ALARM),
    ],
)
def test_what_is_to_be_known_is_said_in_words(fields: dict[str, Any], said: str, colour: str) -> None:
    state = order(*shipped_and_paid(), **fields)
    assert verdict(state).endswith(f" · {said}")
    assert worst(state) == colour


def test_an_event_that_could_not_be_used_makes_it_provisional() -> None:
    sentence = verdict(order(*shipped_and_paid(), provisional=True, unprocessed=UNPROCESSED))
    assert sentence.startswith("Provisional: 1 event could not be used · so far completed · ")


def test_a_document_that_does_not_say_why_it_is_provisional_is_so_all_the_same() -> None:
    """Documents of older versions do not."""
    assert verdict(order(*shipped_and_paid(), provisional=True)).startswith("Provisional · so far completed · ")
