"""No order makes a page that nobody can load."""

import pytest

from processors.worker.console.order.page import Entries, order_page, own_entries
from processors.worker.console.orders import FACTS
from processors.worker.console.rendering import environment
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import Json, clock, fact, items, paid, request
from tests.unit.processors.worker.console.told import SLA, Told, of_facts

pytestmark = pytest.mark.thorough  # renders large orders

MOST_BYTES = 1_000_000
TEMPLATES = environment()


def page_of(state: OrderState, told: Entries) -> str:
    return TEMPLATES.get_template("order_main.html").render(page=order_page(state, told, SLA, {}))


def large() -> Told:
    """An order of 500 items, 2,000 requests and 5,000 facts, all with long names."""
    long = "n" * 180
    listed = [f"{long}-{n}" for n in range(500)]
    few = of_facts(
        [
            fact("order.created", clock(0), items=items(*listed, quantity=2)),
            fact("order.opened", clock(1), items=items(*listed, quantity=2)),
            request("assigned", 2, *listed[:2], request_id=f"{long}-0"),
            paid("captured", 3, "t", 10),
        ]
    )
    document = few.document
    one = next(iter(document["fulfillment_requests"].values()))
    payment = next(iter(document["payments"].values()))
    many: Json = {
        "fulfillment_requests": {f"{long}-{n}": one for n in range(2000)},
        "payments": {f"{long}-{n}": payment for n in range(1000)},
        "missing": [f"fulfillment_request.assigned:{long}-{n}" for n in range(2000)],
        "suspected": [long] * 1000,
        "attention": [{"kind": "over_captured", "subject": long}] * 1000,
        "contradictions": [{"kind": "conflicting_payloads", "facts": [few.entries[0] | {"payload_hash": "x"}] * 50}]
        * 500,
        "timeline_count": 5000,
    }
    entries = [few.entries[n % 4] | {"source": f"0:{n}", "key": f"{long}-{n}"} for n in range(5000)]
    return Told(document | many, entries)


def test_a_large_order_is_paged() -> None:
    of = large()
    page = page_of(of.state, Entries(of.entries[:FACTS], 0, 5000, "cursor"))
    assert len(page.encode()) < MOST_BYTES
    assert "Facts 1 to 60 of 5,000" in page
    assert "1 to 50 of 2,000" in page
    assert "1 to 50 of 500" in page
    assert "more in the document" in page


def test_the_document_s_own_facts_are_shown_where_there_are_no_others() -> None:
    of = large()
    page = page_of(of.state, own_entries(of.state))
    assert "these are the last 4 of 5,000 facts" in page
