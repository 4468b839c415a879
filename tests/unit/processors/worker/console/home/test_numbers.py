"""The numbers of the first page. What is not known is said to be so."""

from datetime import timedelta

import pytest

from bridge import metrics
from processors.worker.console.home.activity import WINDOW_S, Activity
from processors.worker.console.home.numbers import Number, numbers, orders_by_status
from schemas.outcome import Outcome

TOPICS = {"n.raw": "raw", "n.orders": "orders"}
SLA = timedelta(minutes=15)


class Clock:
    def __init__(self) -> None:
        self.now = 1_767_225_600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def activity(clock: Clock) -> Activity:
    return Activity(clock, clock)


def told(activity: Activity) -> dict[str, Number]:
    return {each.name: each for each in numbers(activity, SLA, TOPICS)}


def happen(outcome: Outcome, number: int) -> None:
    metrics.events_total.labels("order.created", outcome).inc(number)


def test_a_worker_that_has_just_started_knows_no_rate(activity: Activity) -> None:
    found = told(activity)
    assert found["events a second"].value is None
    assert found["NewStore's delay"].value is None
    assert found["last quarantined event"].value is None
    assert "since its start at 01 Jan 2026 00:00:00" in found["last quarantined event"].note


def test_rates_and_outcomes_are_of_the_last_minutes(activity: Activity, clock: Clock) -> None:
    happen(Outcome.UNIQUE, 300)
    happen(Outcome.DUPLICATE, 100)
    clock.now += 40
    found = told(activity)
    assert (found["events a second"].value, found["events a second"].note) == ("10", "in the last 40 s")
    assert found["unique"].value == "300"
    assert found["conflict"].value == "0"


def test_what_is_long_ago_does_not_count(activity: Activity, clock: Clock) -> None:
    happen(Outcome.UNIQUE, 300)
    for _ in range(int(WINDOW_S)):
        clock.now += 5
        activity.look()
    found = told(activity)
    assert found["unique"].value == "0"
    assert found["events a second"].value == "0.0"
    assert "in the last 5 min" in found["unique"].note


def test_delays_stand_against_the_sla(activity: Activity, clock: Clock) -> None:
    metrics.sampled_delay_seconds.observe_many([2.0] * 98 + [1000.0] * 2)
    clock.now += 10
    found = told(activity)["NewStore's delay"]
    assert (found.value, found.more) == ("p50 ≤ 2 s", "p99 ≤ 1 h")
    assert "2.0% over the SLA of 15 min" in found.note
    assert found.look == "bad"


@pytest.mark.parametrize(
    ("sla_s", "delay_s", "says", "look"),
    [
        (900, 1000.0, "100.0% over", "bad"),
        (900, 900.0, "none over", ""),
        (420, 480.0, "at most 100.0% over", "late"),
        (420, 200.0, "none over", ""),
        (0.2, 0.1, "at most 100.0% over", "late"),
        (172_800, 259_200.0, "at most 100.0% over", "late"),
    ],
)
def test_what_the_bounds_do_not_tell_is_not_said_to_be_none(
    activity: Activity, clock: Clock, sla_s: float, delay_s: float, says: str, look: str
) -> None:
    """If an SLA lies between two bounds, the histogram does not tell how many delays are over it."""
    metrics.sampled_delay_seconds.observe_many([delay_s])
    clock.now += 10
    found = {each.name: each for each in numbers(activity, timedelta(seconds=sla_s), TOPICS)}["NewStore's delay"]
    assert found.note.startswith(f"{says} the SLA of ")
    assert found.look == look


def test_a_quarantined_event_is_remembered(activity: Activity, clock: Clock) -> None:
    happen(Outcome.QUARANTINED, 1)
    clock.now += 5
    activity.look()
    clock.now += 5
    activity.look()
    found = told(activity)
    assert found["last quarantined event"].value == "01 Jan 2026 00:00:05"
    assert found["quarantined"].look == "late"


def test_a_lag_that_nobody_told_is_not_zero(activity: Activity) -> None:
    metrics.consumer_lag_events.clear()
    metrics.consumer_lag_events.labels("n.raw", 0).set(5)
    metrics.consumer_lag_events.labels("n.raw", 3).set(7)
    found = told(activity)
    metrics.consumer_lag_events.clear()
    assert found["lag, raw"].value == "12"
    assert "at most 7 in one" in found["lag, raw"].note
    assert found["lag, orders"].value is None


def test_orders_that_nobody_has_counted_are_not_0() -> None:
    metrics.orders.clear()
    metrics.orders_provisional.set(None)
    assert orders_by_status() == {}
    for status, number in (("open", 3), ("on_hold", 0)):
        metrics.orders.labels(status).set(number)
    metrics.orders_provisional.set(0)
    assert orders_by_status() == {"open": 3, "provisional": 0}
    metrics.orders.clear()
    metrics.orders_provisional.set(None)
