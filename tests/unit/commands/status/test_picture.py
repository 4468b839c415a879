"""What a picture says, and that it says nothing that nobody told it."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.kafka.reading import Source
from commands.status.arrivals import Arrival, arrival_of, summed
from commands.status.picture import KafkaSide, KeptCounts
from commands.status.problems import problems
from commands.terminal.members import Member
from commands.terminal.services import Sample, Service
from tests.unit.commands.record.test_shown import Read
from tests.unit.commands.status.pictures import LANES, ORDERS, RAW, picture, refusing, worker

RAW_0, RAW_1, ORDERS_0, ORDERS_1 = LANES


def test_lanes_are_counted_over_all_workers_and_missing_ones_told() -> None:
    halves = [worker({LANES[0]: "ready", LANES[2]: "halted"}), worker({LANES[1]: "opening"})]
    found = picture(halves)
    assert found.lanes == {"ready": 1, "halted": 1, "opening": 1, "none": 1}
    assert found.halted() == [f"{ORDERS}/0"]


def test_lanes_that_no_worker_tells_of_are_a_problem_where_all_of_them_are_ready() -> None:
    """This was so for half a minute after a topic was made anew, and nothing else said so."""
    some, group = dict.fromkeys(LANES[:2], "ready"), KafkaSide(members=[Member("http://w", frozenset())])
    (found,) = problems(picture([worker(some)], kafka=group))
    assert "2 lanes are run by no worker" in found.what
    starting = replace(worker(some), ready=False, problems={"lanes": "partitions are being reassigned"})
    assert not any("run by no worker" in each.what for each in problems(picture([starting], kafka=group)))
    assert not list(problems(picture(kafka=group)))


def test_another_deployments_worker_is_named_and_not_counted() -> None:
    """All lanes were ready while nobody processed anything."""
    foreign = worker({("other.raw.v1", 0): "ready", ("other.orders.v1", 0): "ready"}, bridge_events_total=7)
    found = picture([foreign], at=1001.0, since=picture([foreign]), kafka=KafkaSide(members=[]))
    assert (found.lanes, found.per_second()) == ({"none": 4}, (None, None))
    named, nobody = problems(found)
    assert "reads other.orders.v1, and nothing of newstore.*" in named.what
    assert "BRIDGE_WORKER_URL" in (named.remedy or "")
    assert "no worker is in the consumer group" in nobody.what


def test_another_deployments_ingress_is_named_and_what_it_refuses_is_not_ours() -> None:
    """It was shown as ours, ready or not."""
    labels = {"service": "ingress", "tenant": "acme", "topic_prefix": "newstore.eu"}
    told = {"bridge_deployment_info": [Sample(labels, 1.0)]}
    before, now = (
        replace(each, metrics={**each.metrics, **told}, problems={"producer": "no connection"})
        for each in (refusing(kafka_error=1), refusing(kafka_error=3))
    )
    (found,) = problems(picture(ingress=now, since=picture(ingress=before)))
    assert 'BRIDGE_TOPIC_PREFIX is "newstore.eu" at http://i, and newstore here' in found.what
    assert "BRIDGE_INGRESS_URL" in (found.remedy or "")


def test_another_tenants_worker_counts_for_us_only_if_it_is_in_our_group() -> None:
    """With our prefix, on a Kafka of its own: while ours were all away it said that all was processed."""
    their = {"bridge_deployment_info": [Sample({"service": "worker", "tenant": "beta"}, 1.0)]}
    ours = worker(bridge_orders_incomplete=0)
    theirs = replace(ours, metrics={**ours.metrics, **their})
    found = picture([theirs], kafka=KafkaSide(members=[], behind={RAW: 50_000}))
    assert (found.lanes, found.lag(RAW), found.orders("incomplete")) == ({"none": 4}, 50_000, None)
    within = picture([theirs], kafka=KafkaSide(members=[Member("http://w", frozenset())], behind={RAW: 50_000}))
    assert (within.lanes, within.lag(RAW), within.orders("incomplete")) == ({"ready": 4}, 0, 0)


def test_what_another_tenants_ingress_refuses_is_not_ours() -> None:
    told = {"bridge_deployment_info": [Sample({"service": "ingress", "tenant": "beta"}, 1.0)]}
    before, now = refusing(kafka_error=1), refusing(kafka_error=3)
    ours = picture(ingress=now, since=picture(ingress=before))
    theirs = replace(ours, ingress=replace(now, metrics={**now.metrics, **told}))
    assert (ours.refused(), theirs.refused()) == ({"kafka_error": 2}, {})
    keyless = {"bridge_ingress_refused_total": [Sample({"status": "401", "cause": "key"}, 5.0)]}
    services = (Service("http://i", metrics=metrics) for metrics in (keyless, {**keyless, **told}))
    assert [picture(ingress=each).turned_away() for each in services] == [5, 0]


def test_the_lag_is_the_workers_if_they_know_all_of_it_else_kafkas() -> None:
    kafka = KafkaSide(behind={RAW: 7, ORDERS: 0})
    assert picture([worker(lag=3)], kafka=kafka).lag(RAW) == 6
    assert picture([worker({LANES[0]: "ready"}, lag=3)], kafka=kafka).lag(RAW) == 7
    assert picture([], kafka=KafkaSide()).lag(RAW) is None


def test_orders_are_only_counted_if_every_partition_is_ready_somewhere() -> None:
    assert picture([worker(bridge_orders_incomplete=2)]).orders("incomplete") == 2
    opening = {lane: "opening" if lane == LANES[3] else "ready" for lane in LANES}
    assert picture([worker(opening, bridge_orders_incomplete=2)]).orders("incomplete") is None
    half = {ORDERS_0: "ready"}
    assert picture([worker(half, bridge_orders_incomplete=2), worker({ORDERS_1: "ready"})]).orders("incomplete") is None


def test_older_orders_are_only_counted_if_every_worker_that_has_some_tells_of_them() -> None:
    """A worker with a lane that is not open tells of none. A worker without a lane of orders has nothing to tell."""
    halves = [{RAW_0: "ready", ORDERS_0: "ready"}, {RAW_1: "ready", ORDERS_1: "ready"}]
    both = [worker(half, bridge_orders_of_older_rules=number) for half, number in zip(halves, (3, 4), strict=True)]
    assert picture(both).orders("of_older_rules") == 7
    assert picture([*both, worker({(RAW, 7): "ready"})]).orders("of_older_rules") == 7
    assert picture([both[0], worker({**halves[1], RAW_1: "opening"})]).orders("of_older_rules") is None
    assert picture(both[:1]).orders("of_older_rules") is None


def test_orders_that_are_still_to_be_judged_are_nobodys_trouble() -> None:
    assert list(problems(picture([worker(bridge_orders_of_older_rules=83_004)]))) == []


def test_the_last_event_and_the_delays_of_the_latest() -> None:
    at = [Arrival(Source(0, n), "order.created", 1000 * n, delay) for n, delay in ((3, 9.0), (1, 1.0), (2, None))]
    assert summed(at) == (at[0], (5.0, 9.0))
    assert summed([]) == (None, None)


@pytest.mark.parametrize("foreign", [b"yesterday", b"\xff", b"2026-01-01", b"0001-01-01T00:00:00", None])
def test_a_foreign_time_of_publication_is_no_delay(foreign: Any) -> None:
    """Kafka headers may lack a value."""
    assert arrival_of(Read(b"{}", headers=[("ce_time", foreign)])).delay_s is None
    known = arrival_of(Read(b"{}", timestamp=2000, headers=[("ce_time", b"1970-01-01T00:00:01.500Z")]))
    assert known.delay_s == 0.5


def test_the_event_of_a_record_without_a_type_is_its_key() -> None:
    without: Any = [("ce_type", None)]
    assert arrival_of(Read(b"{}", key=b"order.created", headers=without)).event == "order.created"


@pytest.mark.parametrize(
    ("kafka", "nothing"),
    [
        (KafkaSide(), True),
        (KafkaSide(["Kafka: no answer"], is_silent=True), True),
        (KafkaSide(members=[]), False),
        (KafkaSide(["the group: no answer"], conflicts=KeptCounts(0, 0, {}), is_silent=True), False),
    ],
)
def test_a_kafka_that_tells_nothing_is_known_by_what_is_not_there(kafka: KafkaSide, nothing: bool) -> None:
    assert kafka.tells_nothing is nothing
