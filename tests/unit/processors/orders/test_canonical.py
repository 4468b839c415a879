"""Places of facts: texts that sort in canonical order, and come apart as they were put together."""

from itertools import pairwise

import pytest

from processors.orders.canonical import (
    Parts,
    event_of,
    identity_of,
    instant_of,
    key_of,
    key_string_of,
    parts_of,
    place_of,
    published_at_of,
)
from schemas.instant import instant_of as normalised

AT = "2024-05-01T10:00:00.5Z"
NO_TIME = normalised("soon")


@pytest.mark.parametrize("event", ["order.created", "order.gift_wrapped", "a\x1fb", "\x1f", "a\x1fb\x1f\x1fc", ""])
def test_a_place_is_taken_apart_whatever_an_event_is_called(event: str) -> None:
    place = place_of(AT, event, "key~1", "v1:hash")
    assert parts_of(place) == Parts(AT, event, "key~1", "v1:hash")
    assert (event_of(place), key_string_of(place)) == (event, "key~1")
    assert (instant_of(place), published_at_of(place)) == (AT.removesuffix("Z"), AT)


@pytest.mark.parametrize("event", ["order.created", "a\x1fb"])
def test_a_place_of_no_time_has_none(event: str) -> None:
    place = place_of(NO_TIME, event, "key", "v1:hash")
    assert (instant_of(place), published_at_of(place), parts_of(place).published_at) == ("", None, None)
    assert (event_of(place), key_string_of(place)) == (event, "key")


def test_a_fact_is_the_same_at_any_time_and_conflicts_with_any_payload_under_its_key() -> None:
    one = place_of(AT, "order.created", "key", "v1:one")
    assert identity_of(one) == identity_of(place_of(NO_TIME, "order.created", "key", "v1:one"))
    other = place_of(AT, "order.created", "key", "v1:other")
    assert identity_of(one) != identity_of(other)
    assert key_of(one) == key_of(other)
    for different in (place_of(AT, "order.opened", "key", "v1:one"), place_of(AT, "order.created", "k", "v1:one")):
        assert key_of(one) != key_of(different)


def test_places_are_in_the_order_of_instant_rank_event_key_and_payload() -> None:
    late = "2024-05-01T10:00:01Z"
    places = [
        place_of(NO_TIME, "order.completed", "z", "v1:z"),
        place_of(AT, "order.created", "z", "v1:z"),
        place_of(AT, "order.opened", "z", "v1:z"),
        place_of(AT, "order.cancelled", "a", "v1:b"),
        place_of(AT, "order.cancelled", "b", "v1:a"),
        place_of(AT, "order.cancelled", "b", "v1:b"),
        place_of(AT, "order.completed", "a", "v1:a"),  # of the same rank, so by name
        place_of(AT, "payment_account.amount_refunded", "a", "v1:a"),
        place_of(AT, "order.adjusted", "a", "v1:a"),  # nobody knows its rank
        place_of(late, "order.created", "a", "v1:a"),
    ]
    assert all(one < other for one, other in pairwise(places))
