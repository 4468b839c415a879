"""What a picture says, and that it says nothing that nobody told it."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.kafka.reading import Source
from commands.status.arrivals import Arrival, Arrivals, arrival_of, summed
from commands.status.picture import NEWEST, KafkaSide, KeptCounts
from commands.status.problems import problems
from commands.terminal.members import Member
from commands.terminal.services import Sample, Service
from tests.unit.commands.record.test_shown import Read
from tests.unit.commands.status.pictures import INGRESS, LANES, ORDERS, RAW, picture, refusing, worker

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
    ("given", "said", "remedy"),
    [
        ({"workers": [worker({LANES[0]: "halted"})]}, f"{RAW}/0 has halted", "when-a-lane-halts"),
        ({"kafka": KafkaSide(troubles=["Kafka: no answer from a:1 within 3 s"])}, "a:1", "bridge doctor"),
        ({"kafka": KafkaSide(troubles=["x does not exist -> run `bridge topics apply`"])}, "x does", "topics apply"),
        ({"kafka": KafkaSide(members=[])}, "no worker is in the consumer group", "bridge worker"),
        ({"ingress": Service("http://i", silence="no answer within 3 s")}, "http://i", "BRIDGE_INGRESS_URL"),
        ({"ingress": Service("http://i", silence="frozen", hangs=True)}, "frozen", "restart it if it is frozen"),
        ({"ingress": Service("http://i", warnings={"tenant": "all are of beta"})}, "of beta", "BRIDGE_TENANT"),
        (
            {"workers": [Service("http://w", problems={"processor": "it crashed: No space left on device"})]},
            "No space left",
            "make space",
        ),
        (
            {"workers": [worker(bridge_data_free_bytes=3 << 20, bridge_data_size_bytes=64 << 20)]},
            "3 of 64 MiB free",
            "make space",
        ),
        (
            {"kafka": KafkaSide(quarantined=KeptCounts(3, 0, {"other_tenant": 3}))},
            "3 events of another tenant were quarantined in the last hour; ours is acme",
            "BRIDGE_TENANT",
        ),
        ({"kafka": KafkaSide(quarantined=KeptCounts(3, 0, {"too_large": 3}))}, "3 bodies", "bridge quarantine list"),
        ({"kafka": KafkaSide(conflicts=KeptCounts(3, 2, {}))}, "2 conflicts", "bridge conflicts list"),
        ({"workers": [worker(bridge_orders_incomplete=2)]}, "2 orders are incomplete", "bridge gaps"),
    ],
)
def test_what_somebody_has_to_do_comes_with_how(given: dict[str, Any], said: str, remedy: str) -> None:
    first = next(problems(picture(**given)))
    assert said in first.what
    assert remedy in (first.remedy or "")


@pytest.mark.parametrize(
    ("hours", "refused", "said"),
    [
        (23.9, 214, None),
        (49, 0, ""),
        (49, 214, "; since its start the ingress has answered 214 deliveries 401, 404 or 405"),
    ],
)
def test_a_stream_that_is_silent_for_a_day_is_somebodys_work(hours: float, refused: int, said: str | None) -> None:
    """`Nothing is wrong` stood beneath a last event of Saturday, while NewStore's key was refused."""
    last = Arrival(Source(0, 1), "order.opened", 1_000_000, 1.0)
    told = [Sample({"status": "401", "cause": "key"}, refused), Sample({"status": "429", "cause": "in_flight"}, 7)]
    seen = picture(
        ingress=replace(INGRESS, metrics={"bridge_ingress_refused_total": told}),
        kafka=KafkaSide(arrivals=Arrivals(5, 0, last, None)),
        at=1000.0 + hours * 3600,
    )
    assert [each.what for each in problems(seen)] == [f"no event has come for 49 hours{said}"] * (said is not None)
    assert all("docs/runbook.md#bridgenoeventforaday" in (each.remedy or "") for each in problems(seen))


@pytest.mark.parametrize(
    ("source", "told"),
    [(b"/newstore/beta", True), (b"\xff\x1b[2J", True), (b"/newstore/acme", False), (None, False)],
)
def test_an_ingress_of_another_tenant_is_known_by_the_last_event(source: bytes | None, told: bool) -> None:
    """This includes an ingress out of reach from here. Other writers into raw tell nothing."""
    last = arrival_of(Read(b"{}", headers=[("ce_source", source)] if source else []))
    found = list(problems(picture(kafka=KafkaSide(arrivals=Arrivals(5, 60, last, None)))))
    assert len(found) == told
    for each in found:
        assert "BRIDGE_TENANT here is acme" in each.what
        assert each.what.isprintable()
        assert "the same BRIDGE_TENANT" in (each.remedy or "")


def test_a_service_of_another_tenant_is_told_before_any_event_comes() -> None:
    told = {"bridge_deployment_info": [Sample({"service": "ingress", "tenant": "beta"}, 1.0)]}
    (found,) = problems(picture(ingress=Service("http://i", ready=True, metrics=told)))
    assert 'BRIDGE_TENANT is "beta" at http://i, and acme here' in found.what
    assert (found.remedy or "").startswith("set BRIDGE_INGRESS_URL, or "), "it may be a neighbour's, and right"


def test_a_full_disk_stands_before_the_lanes_that_it_stops() -> None:
    halted = worker(dict.fromkeys(LANES, "halted"), bridge_data_free_bytes=0, bridge_data_size_bytes=64 << 20)
    told = list(problems(picture([worker(), halted])))
    assert [("the disk" in each.what, "has halted" in each.what) for each in told[:2]] == [(True, False), (False, True)]
    assert sum("the disk" in each.what for each in told) == 1
    assert "first mend the full disk" in str(told[1].remedy)


def test_a_certificate_that_ends_within_two_weeks_is_somebodys_work() -> None:
    """`Nothing is wrong` was said two days before Kafka would be away for every service."""
    ends = {"bridge_certificate_expiry_timestamp_seconds": [Sample({"setting": "BRIDGE_KAFKA_SSL_CAFILE"}, 173_800.0)]}
    (found,) = problems(picture(ingress=replace(INGRESS, metrics=ends)))
    assert found.what == "the certificate in BRIDGE_KAFKA_SSL_CAFILE of the ingress at http://i ends in 2 days"
    assert found.remedy is not None
    assert "each new connection reads" in found.remedy
    assert "key" not in found.remedy, "authorities have none"
    later = picture(ingress=replace(INGRESS, metrics=ends), at=173_800.0 - 15 * 86_400)
    assert not list(problems(later))


@pytest.mark.parametrize(
    ("kafka", "disk", "said"),
    [
        (KafkaSide(["x does not exist -> y"], lacks_topics=True), {}, "the topics that do not exist"),
        (
            KafkaSide(),
            {"bridge_data_free_bytes": 0, "bridge_data_size_bytes": 64 << 20},
            "the full disk",
        ),
    ],
)
def test_what_follows_from_something_that_is_told_before_says_so(
    kafka: KafkaSide, disk: dict[str, float], said: str
) -> None:
    opening = worker(dict.fromkeys(LANES, "opening"), **disk)
    cause, lanes = problems(picture([replace(opening, ready=False, problems={"lanes": "x opening"})], kafka=kafka))
    assert "x opening" in lanes.what
    assert (lanes.remedy or "").startswith(f"first mend {said}")
    assert "opening" not in cause.what


@pytest.mark.parametrize(
    ("kafka", "remedy"),
    [
        (KafkaSide(members=[]), "see what it says"),
        (
            KafkaSide(["x does not exist -> y"], members=[], lacks_topics=True),
            "first mend the topics that do not exist",
        ),
    ],
)
def test_nobody_is_to_start_a_worker_that_runs(kafka: KafkaSide, remedy: str) -> None:
    waiting = Service("http://w", problems={"group": "not a member of the consumer group"})
    *_, group, nobody = problems(picture([waiting], kafka=kafka))
    assert "not a member" in group.what
    assert "no worker is in the consumer group" in nobody.what
    assert remedy in (nobody.remedy or "")
    assert "start" not in (nobody.remedy or "")


def test_deliveries_that_are_refused_for_want_of_a_topic_say_so() -> None:
    kafka = KafkaSide(["x does not exist -> y"], lacks_topics=True)
    before = picture(ingress=refusing(kafka_error=4))
    _, refused = problems(picture(ingress=refusing(kafka_error=5), at=1001.0, since=before, kafka=kafka))
    assert "1 delivery 500" in refused.what
    assert (refused.remedy or "").startswith("first mend the topics that do not exist")


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    kafka = KafkaSide(
        members=[Member("http://w", frozenset())], quarantined=KeptCounts(0, 0, {}), conflicts=KeptCounts(1, 0, {})
    )
    assert list(problems(picture(kafka=kafka))) == []


def test_what_was_replayed_is_nobodys_trouble_any_more() -> None:
    reasons = {"other_tenant": 3, "invalid_json": 2}
    done = KafkaSide(quarantined=KeptCounts(5, 0, reasons, reasons))
    assert list(problems(picture(kafka=done))) == []
    half = KafkaSide(quarantined=KeptCounts(5, 0, reasons, {"other_tenant": 1, "invalid_json": 1}))
    tenant, body = problems(picture(kafka=half))
    assert (tenant.what.split()[0], body.what.split()[0]) == ("2", "1")


def test_of_more_than_are_looked_at_the_numbers_are_bounds() -> None:
    many = KeptCounts(NEWEST + 1, 7, {"invalid_json": NEWEST + 1}, {"invalid_json": 1})
    body, conflict = problems(picture(kafka=KafkaSide(quarantined=many, conflicts=many)))
    assert body.what.startswith("at most 1,000 bodies")
    assert conflict.what.startswith("at least 7 conflicts")


def test_without_kafka_a_service_says_only_that() -> None:
    silent = Service("http://w", problems={"kafka": "No Kafka answers", "group": "no member", "lanes": "none"})
    (found,) = problems(picture([silent]))
    assert "No Kafka answers" in found.what


@pytest.mark.parametrize(
    ("kafka", "says", "said"),
    [
        (KafkaSide(["the group: no answer from a:1"], is_silent=True), "not a member", "broker that does not answer"),
        (KafkaSide(["the group: no answer"], is_silent=True), "no: GROUP_AUTHORIZATION_FAILED (a)", "a missing ACL"),
        (KafkaSide(), "not a member", "a missing ACL"),
    ],
)
def test_no_acl_is_looked_for_while_a_broker_is_silent(kafka: KafkaSide, says: str, said: str) -> None:
    """The exception is an answer that Kafka gave to the worker."""
    *_, group = problems(picture([Service("http://w", problems={"group": says})], kafka=kafka))
    assert says in group.what
    assert said in (group.remedy or "")
    assert ("ACL" in (group.remedy or "")) == ("ACL" in said)


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
