"""Facts as they are shown."""

import pytest

from processors.worker.console.order.facts import Group, Lateness, facts_of, group_of
from tests.unit.processors.orders.facts import clock, fact, items, request
from tests.unit.processors.worker.console.told import SLA, Told, busy, of_facts


def received(seconds: float, event: str = "order.created", at: object = "1970-01-01T00:00:00Z") -> Told:
    return of_facts([fact(event, at, n=int(seconds * 1000))])


@pytest.mark.parametrize(
    ("seconds", "lateness"),
    [(0, "prompt"), (60, "prompt"), (60.001, "late"), (900, "late"), (900.001, "over-sla")],
)
def test_how_late(seconds: float, lateness: str) -> None:
    of = received(seconds)
    [found] = facts_of(of.entries, of.state, SLA)
    assert found.lateness == lateness


def test_what_was_published_at_no_time_has_no_delay() -> None:
    of = received(10, at="tomorrow")
    [found] = facts_of(of.entries, of.state, SLA)
    assert (found.happened, found.delay, found.lateness) == (None, None, Lateness.UNKNOWN)


@pytest.mark.parametrize(
    ("event", "group"),
    [
        ("order.opened", Group.ORDER),
        ("fulfillment_request.assigned", Group.FULFILMENT),
        ("payment_account.amount_captured", Group.PAYMENT),
        ("return.processed", Group.RETURN),
        ("refund_request.issued", Group.RETURN),
        ("invoice.created", Group.INVOICE),
        ("something.else", Group.OTHER),
        ("", Group.OTHER),
    ],
)
def test_what_an_event_is_about(event: str, group: Group) -> None:
    assert group_of(event) is group


@pytest.mark.parametrize("request_id", ["request-1", "request 1", "ä:1"])
def test_a_request_s_facts_stand_together(request_id: str) -> None:
    of = of_facts([request(step, 1, "A", request_id=request_id) for step in ("assigned", "items_completed")])
    assert {found.entity for found in facts_of(of.entries, of.state, SLA)} == {request_id}


def test_further_deliveries_are_told_if_somebody_counted_them() -> None:
    of = busy()
    again = {found.number: found.again for found in facts_of(of.entries, of.state, SLA) if found.again is not None}
    assert again == {4: 1, 10: 1}
    assert all(found.last_again for found in facts_of(of.entries, of.state, SLA) if found.again)


def test_facts_that_contradict_each_other_are_marked() -> None:
    lists = [fact("order.created", clock(0), n=n, items=items("A"), colour=n) for n in range(2)]
    of = of_facts([*lists, fact("order.opened", clock(1), n=7)])
    assert [found.is_contradicted for found in facts_of(of.entries, of.state, SLA)] == [True, True, False]


def test_numbers_go_on_from_the_page_before() -> None:
    of = busy()
    assert [found.number for found in facts_of(of.entries[:3], of.state, SLA, before=60)] == [61, 62, 63]
