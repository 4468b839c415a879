"""The page as a whole: what it says of an order is what the verdict above it says."""

from processors.worker.console.order.page import OrderPage, order_page, own_entries
from tests.unit.processors.orders.facts import back, clock, fact, items, paid, pieces
from tests.unit.processors.worker.console.told import SLA, Told, of_facts


def page_of(of: Told) -> OrderPage:
    return order_page(of.state, own_entries(of.state), SLA, {})


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
