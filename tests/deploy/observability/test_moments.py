"""What pages of services tell of a moment."""

import pytest

from tests.deploy.observability.moments import behind_one, passing, unanswered

AT = 'partition="1",topic="newstore.orders.v1"'
PLACE = "newstore.orders.v1/1"


def ends(high: int, stable: int) -> str:
    return (
        "# TYPE bridge_source_high_watermark_offset gauge\n"
        f"bridge_source_high_watermark_offset{{{AT}}} {high}\n"
        "# TYPE bridge_source_last_stable_offset gauge\n"
        f"bridge_source_last_stable_offset{{{AT}}} {stable}\n"
    )


def lane(state: str) -> str:
    each = (f'bridge_lane_state{{{AT},state="{name}"}} {name == state:d}\n' for name in ("ready", "halted", "opening"))
    return "# TYPE bridge_lane_state gauge\n" + "".join(each)


def kafka_up(up: int) -> str:
    return f"# TYPE bridge_kafka_up gauge\nbridge_kafka_up {up}\n"


def test_a_partition_whose_ends_differ_is_behind_a_transaction() -> None:
    assert behind_one(ends(9, 7)) == {PLACE}
    assert behind_one(ends(9, 9)) == set()
    assert passing(ends(9, 7) + lane("ready")) == {f"{PLACE} is behind a transaction"}


@pytest.mark.parametrize("state", ["ready", "halted"])
def test_a_lane_that_stays_as_it_is_and_whose_end_is_known_is_nothing_that_passes(state: str) -> None:
    assert passing(kafka_up(1) + lane(state) + ends(9, 9)) == set()


def test_a_lane_that_opens_will_not_stay_so() -> None:
    assert passing(lane("opening") + ends(9, 9)) == {f"{PLACE} is opening"}


def test_a_kafka_that_does_not_answer_says_nothing_of_a_lanes_end() -> None:
    assert unanswered(kafka_up(0)) == passing(kafka_up(0)) == {"Kafka is away"}
    assert unanswered(lane("ready")) == passing(lane("ready")) == {f"{PLACE} has no end"}
    assert unanswered(lane("ready") + ends(9, 7)) == set()


def test_who_tells_of_neither_tells_of_nothing() -> None:
    assert passing("") == behind_one("") == unanswered("") == set()
