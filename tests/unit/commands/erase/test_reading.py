"""Which records are an order's or name a customer."""

import pytest
from aiokafka.structs import ConsumerRecord

from commands.erase.reading import Meant
from schemas.headers import CE_BRIDGE_EVENT, CE_TYPE, ENTITY_KEY


def takes(meant: Meant, body: bytes | None, entity: bytes | None = None, event: bytes = b"order.opened") -> bool:
    headers = () if entity is None else ((ENTITY_KEY, entity), (CE_TYPE, event))
    return meant.finder()(ConsumerRecord("t", 0, 0, 0, 0, None, body, None, 0, 0, headers))


ORDER = Meant(["o-1"], [])
CUSTOMER = Meant(["o-1"], ["c-1", "ada@example.com"])


@pytest.mark.parametrize("meant", [ORDER, CUSTOMER])
def test_events_of_an_order_are_known_by_their_header(meant: Meant) -> None:
    assert takes(meant, b"{}", b"o-1")
    assert not takes(meant, b'{"exchanges":[{"order_id":"o-1"}]}', b"o-2")


@pytest.mark.parametrize(
    ("body", "taken"),
    [(b'{"id":"o-1", no json', True), (b'{"id":"o-12"}', False), (b"o-1", False), (b"", False), (None, False)],
)
def test_where_no_header_says_whose_an_event_is_its_body_does(body: bytes | None, taken: bool) -> None:
    assert takes(ORDER, body) is taken


@pytest.mark.parametrize(
    "event", [b"cash_drawer.transaction_completed", b"loyalty.points_added", b"gift_card.deactivated"]
)
def test_events_of_anything_else_that_name_an_order_are_found_by_their_body(event: bytes) -> None:
    """Such events have keys of their own: `--order` did not list them, though they name the order and who bought."""
    assert takes(ORDER, b'{"order_id":"o-1","customer_name":"Ada"}', b"drawer-1", event)
    assert not takes(ORDER, b'{"order_id":"o-2","customer_name":"Ada"}', b"drawer-1", event)


def test_what_is_in_conflicts_is_known_by_its_events_name() -> None:
    """A conflict's own type is the bridge's."""
    headers = (ENTITY_KEY, b"o-2"), (CE_TYPE, b"newstore.conflict"), (CE_BRIDGE_EVENT, b"order.opened")
    other = ConsumerRecord("t", 0, 0, 0, 0, None, b'{"exchanges":[{"order_id":"o-1"}]}', None, 0, 0, headers)
    assert not ORDER.finder()(other)


@pytest.mark.parametrize("entity", [b"c-77", None])
def test_bodies_that_name_the_customer_are_found_whatever_they_are_of(entity: bytes | None) -> None:
    assert takes(CUSTOMER, b'{"payload":{"customer_email":"ADA@example.com"}}', entity)
    assert takes(CUSTOMER, b'{"payload":{"id":"c-1"}}', entity)
    assert not takes(CUSTOMER, b'{"payload":{"id":"c-11","email":"x-ada@example.com"}}', entity)
