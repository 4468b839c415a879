"""Many lifecycles become one stream, and only those under way are held."""

import gc
import tracemalloc
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from commands.simulate import arrivals
from commands.simulate.deliveries import deliveries
from commands.simulate.event import Event
from commands.simulate.merging import merged
from commands.simulate.mix import Mix
from commands.simulate.shop import PRODUCTS, product
from tests.unit.commands.simulate.retailer import START
from tests.unit.commands.verify.records import TENANT

pytestmark = pytest.mark.thorough


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def lifecycle(name: str, *seconds: int) -> tuple[datetime, Iterator[Event]]:
    return at(seconds[0]), (Event(name, at(second), "", {}) for second in seconds)


def test_events_come_in_the_order_of_time_whichever_lifecycle_they_are_of() -> None:
    stream = merged([lifecycle("a", 0, 5, 9), lifecycle("b", 1, 2, 7), lifecycle("c", 6)])
    assert [(event.name, event.moment) for event in stream] == [
        (name, at(second)) for name, second in (("a", 0), ("b", 1), ("b", 2), ("a", 5), ("c", 6), ("b", 7), ("a", 9))
    ]


def test_of_one_moment_the_lifecycle_that_began_first_goes_first() -> None:
    stream = merged([lifecycle("a", 0, 3), lifecycle("b", 1, 3), lifecycle("c", 3)])
    assert [event.name for event in stream] == ["a", "b", "a", "b", "c"]


def test_a_lifecycle_may_be_empty() -> None:
    assert [event.name for event in merged([(at(0), iter(())), lifecycle("a", 0)])] == ["a"]


def test_lifecycles_that_have_ended_or_not_begun_are_not_held() -> None:
    class Held:
        pass

    held = weakref.WeakSet[Held]()

    def one(number: int) -> Iterator[Event]:
        mine = Held()
        held.add(mine)
        for second in range(number, number + 5):
            yield Event("a", at(second), "", {})

    most = 0
    for _ in merged((at(number), one(number)) for number in range(1000)):
        most = max(most, len(held))
    assert most <= 7


def test_memory_is_what_is_under_way_not_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order every half hour: in these twelve days, little goes on at a time."""
    monkeypatch.setattr(arrivals, "ORDER_INTERVAL", timedelta(minutes=30))
    mix = Mix(600, duplicates=0.2, conflicts=0.01, disorder=0.05)
    for number in range(PRODUCTS):
        product(number)  # make the whole catalogue first: it stays
    gc.collect()
    tracemalloc.start()
    try:
        sent = sum(len(delivery.body) for delivery in deliveries(1, mix, TENANT, START))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < sent / 4
