"""Which records are an order's or name a customer."""

import pytest
from aiokafka.structs import ConsumerRecord

from commands.erase.reading import Meant
from schemas.headers import ENTITY_KEY


def takes(meant: Meant, body: bytes | None, entity: bytes | None = None) -> bool:
    headers = () if entity is None else ((ENTITY_KEY, entity),)
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


def test_an_address_with_a_blank_beside_it_is_found_as_its_orders_are() -> None:
    assert takes(Meant([], [" ada@example.com "]), b'{"payload":{"customer_email":"ada@example.com"}}', b"c-77")


@pytest.mark.parametrize("entity", [b"c-77", None])
def test_bodies_that_name_the_customer_are_found_whatever_they_are_of(entity: bytes | None) -> None:
    assert takes(CUSTOMER, b'{"payload":{"customer_email":"ADA@example.com"}}', entity)
    assert takes(CUSTOMER, b'{"payload":{"id":"c-1"}}', entity)
    assert not takes(CUSTOMER, b'{"payload":{"id":"c-11","email":"x-ada@example.com"}}', entity)


def test_what_is_looked_for_is_text_and_no_pattern() -> None:
    assert not takes(Meant([], ["a.b"]), b'{"id":"aXb"}')
    assert takes(Meant([], ["a+b@c"]), b'{"id":"a+b@c"}')
