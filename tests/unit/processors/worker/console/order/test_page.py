"""The whole page says the same of an order as the verdict above it."""

import re
from typing import Any

import pytest

from processors.worker.console.order.page import OrderPage, order_page, own_entries
from processors.worker.console.rendering import environment
from tests.unit.processors.orders.facts import back, clock, fact, items, paid, pieces, request
from tests.unit.processors.worker.console.told import SLA, Told, of_facts

CREATED, OPENED = "order.created", "order.opened"
ASSIGNED = "fulfillment_request.assigned:"
FACTS = [
    fact(CREATED, "2024-05-01T09:00:00Z", n=1),
    paid("authorized", 3300, "t", 58),
    request("items_completed", 3590, "A", request_id="r1", n=2),
]
"""Created an hour before a request, and authorized 5 minutes before it. The opening and the request's assignment are
missing."""
WINDOW = "NewStore published it between 01 May 2024 08:00:00 and 01 May 2024 11:59:50 UTC."


def page_of(of: Told, **told: Any) -> OrderPage:
    return order_page(of.state, own_entries(of.state)._replace(**told), SLA, {})


def lines(of: Told, **told: Any) -> dict[str, str]:
    """What the page says below its verdict, by event, and whether it can be set aside."""
    page = environment().get_template("order_main.html").render(page=page_of(of, **told))
    found = re.findall(r'<p class="awaited">(.*?)</p>(<details)?', page, re.DOTALL)
    plain = [(re.sub(r"<[^>]*>", "", text), " [Set aside]" if form else "") for text, form in found]
    return {text.split(" ", 1)[0]: f"{text.split(' ', 1)[1]}{form}" for text, form in plain}


def test_the_strip_claims_no_more_of_fulfilment_than_the_verdict() -> None:
    opened = fact("order.opened", clock(0), items=items("A", quantity=1))
    for facts, said in (
        ([back("r", 1, pieces("A")), paid("captured", 2, "c", 5)], "unknown"),
        ([opened], "unfulfilled"),
    ):
        page = page_of(of_facts(facts))
        assert page.state.fulfillment_status == "unfulfilled"
        assert dict(page.statuses)["fulfilment"] == said
        assert ("fulfilment unknown" in page.verdict) == (said == "unknown")


def test_a_missing_event_has_the_window_of_its_gap_whatever_else_happened_before_what_needs_it() -> None:
    of = of_facts(FACTS)
    assert [ghost.after for ghost in page_of(of).timeline.ghosts] == [1, 1]
    assert {text.partition("; ")[2] for text in lines(of).values()} == {f"{WINDOW} [Set aside]"}
    guessed = of_facts(FACTS[2:])
    assert "between 30 Apr 2024 09:59:50 (a guess) and" in lines(guessed)[CREATED]


def test_the_window_is_on_each_page_of_a_timeline() -> None:
    of = of_facts(FACTS)
    first = lines(of, entries=of.entries[:1], total=3, next="x")
    assert first == lines(of, entries=of.entries[2:], before=2, total=3) == lines(of)
    later = page_of(of, entries=of.entries[2:], before=2, total=3).timeline
    assert [(ghost.after, ghost.before) for ghost in later.ghosts] == [(None, 3)] * 2
    assert later.figure is not None
    assert len(later.figure.shades) == 2


DUE = {OPENED: "2024-05-01T10:15:02.000Z", f"{ASSIGNED}r1": "2024-05-01T18:27:13.000Z"}
ASIDE = {"name": OPENED, "reason": "lost", "at": "2024-05-01T10:00:00.000Z"}
AWAITED = f"counts as late after 01 May 2024 18:27:13 UTC; {WINDOW} [Set aside]"


@pytest.mark.parametrize(
    ("changed", "opened", "assigned"),
    [
        ({}, f"counts as late after 01 May 2024 10:15:02 UTC; {WINDOW} [Set aside]", AWAITED),
        ({"incomplete": True}, f"was due by 01 May 2024 10:15:02 UTC; {WINDOW} [Set aside]", AWAITED),
        ({"acknowledged": [ASIDE]}, f"was set aside; {WINDOW}", AWAITED),
        ({"partial_history": True}, f"may never come; {WINDOW}", f"may never come; {WINDOW}"),
        ({"suspected": ["maybe_never_sent"]}, "may never have been sent.", "may never have been sent."),
    ],
)
def test_only_what_is_waited_for_has_a_deadline_and_only_of_what_is_late_it_is_over(
    changed: dict[str, Any], opened: str, assigned: str
) -> None:
    """Nobody can set aside what nobody waits for."""
    of = of_facts(FACTS)
    awaited = {name: said | {"due": DUE[name]} for name, said in of.document["awaited"].items()}
    assert lines(of.but(**changed, awaited=awaited)) == {f"{ASSIGNED}r1": assigned, OPENED: opened}
