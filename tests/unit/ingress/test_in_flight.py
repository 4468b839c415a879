from contextlib import nullcontext
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.settings import Settings
from ingress.answers import TooMuchInFlight
from ingress.in_flight import COPIES, LARGE_BYTES, InFlight, least_in_flight_bytes, warn_of_large_bodies


def test_requests_count_while_they_wait_for_kafka_only() -> None:
    """A slow upload takes no place from requests that wait for Kafka."""
    in_flight = InFlight(max_requests=1, max_bytes=100)
    with in_flight.hold() as slow, in_flight.hold() as quick:
        slow.add(1)
        quick.wait()
        assert in_flight.requests == 1
        with pytest.raises(TooMuchInFlight):
            slow.wait()
    assert in_flight.requests == 0


def test_each_byte_counts_with_all_its_copies_as_it_arrives() -> None:
    in_flight = InFlight(max_requests=10, max_bytes=100 * COPIES)
    with in_flight.hold() as other, in_flight.hold() as held:
        other.add(10)
        held.add(60)
        held.add(30)
        with pytest.raises(TooMuchInFlight):
            held.add(1)
    assert in_flight.bytes == 0


def test_one_request_alone_may_exceed_the_limit() -> None:
    """Otherwise a large request would be refused for ever."""
    in_flight = InFlight(max_requests=10, max_bytes=100)
    in_flight.admit(1000)
    with in_flight.hold() as held:
        held.add(1000)
        with pytest.raises(TooMuchInFlight):
            in_flight.admit(0)


def test_large_bodies_leave_a_quarter_to_others() -> None:
    large = 2 * LARGE_BYTES
    in_flight = InFlight(max_requests=10, max_bytes=4 * large * COPIES)
    with in_flight.hold() as first, in_flight.hold() as second:
        for held in (first, second):
            held.add(large)
        in_flight.admit(large)
        first.add(1)
        with pytest.raises(TooMuchInFlight):
            in_flight.admit(large)
        in_flight.admit(LARGE_BYTES)


@pytest.mark.parametrize("largest", [200, LARGE_BYTES, LARGE_BYTES + 1, 8 << 20, 41 << 20])
def test_the_least_limit_takes_the_largest_body_beside_an_ordinary_one(largest: int) -> None:
    """With a lower limit, the largest body is refused while an ordinary one is in flight, which may be always."""
    least = least_in_flight_bytes(largest)
    for limit, taken in ((least, True), (least - 1, False)):
        in_flight = InFlight(max_requests=10, max_bytes=limit)
        with in_flight.hold() as ordinary:
            ordinary.add(min(largest, LARGE_BYTES))
            with nullcontext() if taken else pytest.raises(TooMuchInFlight):
                in_flight.admit(largest)


@pytest.mark.parametrize(
    ("given", "least"),
    [
        ({"ingress_max_in_flight_bytes": "1 MiB"}, "49632598"),
        ({"ingress_max_in_flight_bytes": "223 MiB", "ingress_max_body_bytes": "41 MiB"}, "224 MiB"),
        ({"ingress_max_in_flight_bytes": "7 KiB", "ingress_max_body_bytes": "1 KiB"}, "8 KiB"),
        ({"ingress_max_in_flight_bytes": "8 KiB", "ingress_max_body_bytes": "1 KiB"}, None),
        ({}, None),
    ],
)
def test_any_limit_does_and_one_that_keeps_the_largest_body_waiting_is_warned_about(
    given: dict[str, Any], least: str | None
) -> None:
    with capture_logs() as lines:
        warn_of_large_bodies(Settings(tenant="acme", **given))
    assert [line["least"] for line in lines] == ([] if least is None else [least])


def test_a_declared_body_that_cannot_fit_is_refused_before_it_is_read() -> None:
    in_flight = InFlight(max_requests=10, max_bytes=100 * COPIES)
    with in_flight.hold() as held:
        held.add(60)
        in_flight.admit(40)
        with pytest.raises(TooMuchInFlight):
            in_flight.admit(41)


def test_a_declared_body_holds_nothing_until_it_comes() -> None:
    in_flight = InFlight(max_requests=10, max_bytes=100 * COPIES)
    in_flight.admit(100)
    in_flight.admit(100)


def test_with_all_places_taken_nobody_is_admitted() -> None:
    in_flight = InFlight(max_requests=1, max_bytes=100)
    with in_flight.hold() as held:
        held.wait()
        with pytest.raises(TooMuchInFlight):
            in_flight.admit(0)


def test_everything_is_given_back_after_an_error() -> None:
    in_flight = InFlight(max_requests=1, max_bytes=100)

    def too_much() -> None:
        with in_flight.hold() as held:
            held.wait()
            raise TooMuchInFlight

    with pytest.raises(TooMuchInFlight):
        too_much()
    assert (in_flight.requests, in_flight.bytes) == (0, 0)
