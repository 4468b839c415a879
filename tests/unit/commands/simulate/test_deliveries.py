"""What a simulation sends depends on its seed alone, and becomes what it says."""

import itertools
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import pytest

from commands.simulate.deliveries import deliveries, expected_deliveries
from commands.simulate.event import Delivery
from commands.simulate.mix import Mix
from schemas.acceptance import Quarantined
from schemas.outcome import Outcome
from tests.unit.commands.simulate.retailer import START, accepted, published
from tests.unit.commands.verify.records import TENANT, outcomes

pytestmark = pytest.mark.thorough

WINDOW = timedelta(hours=2)
MIX = Mix(orders=60, duplicates=0.25, conflicts=0.02, malformed=0.05, disorder=1.0, disorder_window=WINDOW)


def simulated(mix: Mix = MIX, seed: int = 1) -> list[Delivery]:
    return list(deliveries(seed, mix, TENANT, START))


def test_the_same_seed_sends_the_same_bytes_in_the_same_order() -> None:
    mix = replace(MIX, replay=WINDOW)
    assert simulated(mix) == simulated(mix)


def test_more_orders_change_nothing_about_those_before() -> None:
    """So a run with `--duration` has the beginning of any longer one."""
    endless = deliveries(1, replace(MIX, orders=None), TENANT, START)
    assert list(itertools.islice(endless, 500)) == simulated(replace(MIX, orders=1000))[:500]


def test_another_seed_sends_other_events() -> None:
    first, second = ({delivery.body for delivery in simulated(seed=seed)} for seed in (1, 2))
    assert not {body for body in first & second if b'"id"' in body}


def test_without_mishaps_every_delivery_is_a_unique_event_in_the_order_of_publishing() -> None:
    """Two events of one name never have the same key."""
    sent = simulated(Mix(orders=600), seed=7)
    assert [delivery.body for delivery in sent] == [event.body(TENANT) for event in published(600, 7)]
    assert set(outcomes([delivery.body for delivery in sent])) == {"unique"}


def test_every_delivery_becomes_what_its_kind_says_counted_over_all() -> None:
    """In whatever order they arrive: re-deliveries are duplicates, other payloads conflicts, and broken bodies are
    quarantined."""
    sent = simulated(replace(MIX, replay=WINDOW))
    expected = Counter(delivery.kind.value for delivery in sent)
    assert set(expected) == set(Outcome)
    for seed in range(3):
        random.Random(seed).shuffle(sent)
        assert Counter(outcomes([delivery.body for delivery in sent])) == expected


def test_without_disorder_each_delivery_becomes_what_its_kind_says() -> None:
    """Nothing is delivered again, or otherwise, before it was delivered first."""
    sent = simulated(replace(MIX, disorder=0.0, replay=WINDOW))
    assert outcomes([delivery.body for delivery in sent]) == [delivery.kind.value for delivery in sent]


def test_the_shares_are_shares_of_all_deliveries() -> None:
    sent = simulated()
    shares = {kind: count / len(sent) for kind, count in Counter(delivery.kind for delivery in sent).items()}
    assert shares[Outcome.DUPLICATE] == pytest.approx(MIX.duplicates, abs=0.005)
    assert shares[Outcome.CONFLICT] == pytest.approx(MIX.conflicts, abs=0.005)
    assert shares[Outcome.QUARANTINED] == pytest.approx(MIX.malformed, abs=0.005)


@pytest.mark.parametrize("shares", [{"duplicates": 0.8}, {"conflicts": 0.9}, {"malformed": 0.9}])
def test_most_of_the_deliveries_can_be_one_kind_of_mishap(shares: dict[str, float]) -> None:
    sent = simulated(Mix(orders=5, **shares))  # type: ignore[arg-type]
    assert len(sent) == pytest.approx(5 * len(simulated(Mix(orders=5))) / (5 * (1 - sum(shares.values()))), rel=0.02)


def test_some_re_deliveries_are_spelled_otherwise() -> None:
    sent = simulated()
    bodies = {delivery.body for delivery in sent if delivery.kind is Outcome.UNIQUE}
    again = [delivery.body for delivery in sent if delivery.kind is Outcome.DUPLICATE]
    assert 0.2 < sum(body not in bodies for body in again) / len(again) < 0.5


def test_every_broken_body_is_one_that_the_ingress_quarantines() -> None:
    for delivery in simulated(Mix(orders=60, malformed=0.5)):
        is_quarantined = isinstance(accepted(delivery.body), Quarantined)
        assert is_quarantined == (delivery.kind is Outcome.QUARANTINED) == (delivery.event is None)


def lateness(sent: list[Delivery]) -> list[timedelta]:
    """How long each event was published before the newest one delivered so far."""
    moments = {event.body(TENANT): event.moment for event in published(60, 1)}
    newest, found = START, list[timedelta]()
    for moment in (moments[delivery.body] for delivery in sent if delivery.kind is Outcome.UNIQUE):
        newest = max(newest, moment)
        found.append(newest - moment)
    return found


def test_nothing_comes_later_than_the_window_of_disorder() -> None:
    for hours in (2, 12):
        window = timedelta(hours=hours)
        late = lateness(simulated(replace(MIX, disorder_window=window)))
        assert window / 2 < max(late) <= window


def test_the_share_of_disorder_is_the_share_of_what_comes_late() -> None:
    late = [sum(map(bool, lateness(simulated(replace(MIX, disorder=share))))) for share in (0.0, 0.1, 0.5)]
    assert late[0] == 0 < late[1] < late[2]


def names_of(sent: list[Delivery], order_id: str) -> list[str | None]:
    return [delivery.event for delivery in sent if orjson.loads(delivery.body)["payload"]["id"] == order_id]


def test_disorder_of_hours_brings_cancellations_before_their_orders() -> None:
    sent = simulated(Mix(orders=200, disorder=1.0, disorder_window=WINDOW))
    cancelled = [orjson.loads(each.body)["payload"]["id"] for each in sent if each.event == "order.cancelled"]
    ways = [names_of(sent, order_id) for order_id in cancelled]
    assert any(way.index("order.cancelled") < way.index("order.created") for way in ways)


def test_what_stops_being_published_is_delivered_to_the_end() -> None:
    """So what is said about deliveries holds however early a run ends."""
    asked = itertools.count()
    sent = list(deliveries(1, replace(MIX, orders=None, replay=WINDOW), TENANT, START, lambda: next(asked) < 700))
    expected = Counter(delivery.kind.value for delivery in sent)
    assert Counter(outcomes([delivery.body for delivery in sent])) == expected
    assert expected["unique"] + expected["duplicate"] > 500


def replayed(mix: Mix) -> list[tuple[int, datetime]]:
    """Place in the stream and moment of each event that was delivered again."""
    moments = {event.body(TENANT): event.moment for event in published(600, 1)}
    sent = enumerate(simulated(mix))
    return [(place, moments[each.body]) for place, each in sent if each.kind is Outcome.DUPLICATE]


def test_every_second_window_is_replayed_as_a_whole_one_window_later() -> None:
    window = timedelta(minutes=40)
    again = [moment for _, moment in replayed(Mix(orders=600, replay=window))]
    assert again == [event.moment for event in published(600, 1) if (event.moment - START) // window % 2 == 0]


def test_a_replay_comes_in_between_and_at_the_end_what_ends_before() -> None:
    in_between = replayed(Mix(orders=600, replay=timedelta(minutes=40)))
    assert in_between[0][0] < len(published(600, 1)) / 4
    at_the_end = replayed(Mix(orders=600, replay=timedelta(days=90)))
    assert [place for place, _ in at_the_end] == list(range(len(at_the_end), 2 * len(at_the_end)))


def test_the_progress_bar_knows_about_how_many_deliveries_come() -> None:
    for replay in (None, WINDOW, timedelta(days=90)):
        mix = Mix(orders=600, duplicates=0.2, replay=replay)
        assert expected_deliveries(mix) == pytest.approx(len(simulated(mix)), rel=0.2)
    assert expected_deliveries(Mix(orders=None)) is None


@pytest.mark.parametrize(
    "options",
    [{"duplicates": 0.5, "conflicts": 0.3, "malformed": 0.2}, {"replay": timedelta()}],
)
def test_a_mix_that_makes_no_sense_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"together|replay"):
        Mix(orders=1, **options)  # type: ignore[arg-type]
